import type { Summary } from "./statistics.ts";

/** One thing that was measured. */
export interface Figure extends Partial<Summary> {
  readonly name: string;
  readonly unit: "s" | "ms" | "MB/s" | "KiB" | "MiB" | "";
  /** Which way is good. */
  readonly better: "less" | "more";
  /** What the median is to reach: at most this, or at least, whichever is better. */
  readonly goal?: number;
}

/** Figures that belong together. */
export interface Section {
  readonly title: string;
  /** What a reader must know to read them rightly. */
  readonly notes?: readonly string[];
  readonly figures: readonly Figure[];
  /** The same figures of what they are compared with, in the same order. */
  readonly plain?: readonly Figure[];
}

/** A section as a table for people. */
export function table({ title, notes = [], figures, plain }: Section): string {
  const head = plain === undefined
    ? ["", "median", "min – max", "goal"]
    : ["", "MIM", "min – max", "plain", "min – max", "MIM is better"];
  const rows = figures.map((figure, index) => {
    const other = plain?.[index];
    const values = [figure.name, ...cells(figure)];
    return other === undefined
      ? [...values, goal(figure)]
      : [...values, ...cells(other), times(figure, other)];
  });
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0))
  );
  const lines = [head, ...rows].map((row) =>
    row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    }).join("  ").trimEnd()
  );
  const below = [...lines, ...notes.map((note) => `(${note})`)];
  return [title, ...below.map((line) => `  ${line}`)].join("\n");
}

/** By how much a figure is better than another; undefined where one of them is not known. */
export function ratio(figure: Figure, other: Figure): number | undefined {
  if (figure.median === undefined || other.median === undefined) return undefined;
  return figure.better === "less" ? other.median / figure.median : figure.median / other.median;
}

function cells({ median, min, max, unit }: Figure): string[] {
  if (median === undefined || min === undefined || max === undefined) return ["n/a", ""];
  return [`${shown(median)} ${unit}`.trimEnd(), `${shown(min)} – ${shown(max)}`];
}

function goal({ median, goal, unit, better }: Figure): string {
  if (goal === undefined || median === undefined) return "";
  const reached = better === "less" ? median <= goal : median >= goal;
  return `${better === "less" ? "≤" : "≥"} ${goal} ${unit} ${reached ? "reached" : "MISSED"}`;
}

function times(figure: Figure, other: Figure): string {
  const by = ratio(figure, other);
  return by === undefined ? "" : `${shown(by)} times`;
}

function shown(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}
