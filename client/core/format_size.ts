const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

/**
 * A number of bytes for people, in powers of a thousand: `2.1 MB`.
 *
 * @example
 * ```ts
 * import { formatSize } from "./format_size.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([1, 999, 1_000, 2_149_000].map(formatSize), ["1 byte", "999 bytes", "1 kB", "2.1 MB"]);
 * ```
 */
export function formatSize(bytes: number): string {
  if (bytes === 1) return "1 byte";
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const shown = unit === 0 || value >= 99.95 ? Math.round(value) : Math.round(value * 10) / 10;
  return `${shown} ${UNITS[unit]}`;
}
