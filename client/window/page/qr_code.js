/** A QR code of up to 77 digits: version 3, level M, numeric; 60 digits of a safety number fit. */

import { html } from "./html.js";

const SIZE = 29;
const DATA_BYTES = 44;
const CHECK_BYTES = 26;

/** Logarithms of the field of 256 that the check bytes are computed in. */
const EXP = new Uint8Array(512);
const LOG = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power++) {
  EXP[power] = EXP[power + 255] = value;
  LOG[value] = power;
  value = value << 1 ^ (value >> 7) * 0x11d;
}

/** @param {number} one @param {number} other */
function multiply(one, other) {
  if (one === 0 || other === 0) return 0;
  return EXP[(LOG[one] ?? 0) + (LOG[other] ?? 0)] ?? 0;
}

/** The data and its check bytes. @param {string} digits */
function encode(digits) {
  let bits = "0001" + digits.length.toString(2).padStart(10, "0");
  for (const group of digits.match(/\d{1,3}/g) ?? []) {
    bits += Number(group).toString(2).padStart([0, 4, 7, 10][group.length] ?? 10, "0");
  }
  bits = (bits + "0000").slice(0, DATA_BYTES * 8);
  bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, "0");
  const data = (bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2));
  for (let pad = 0xec; data.length < DATA_BYTES; pad ^= 0xec ^ 0x11) data.push(pad);
  let generator = [1];
  for (let power = 0; power < CHECK_BYTES; power++) {
    const root = EXP[power] ?? 0;
    generator = [...generator, 0].map((value, index) =>
      value ^ multiply(generator[index - 1] ?? 0, root)
    );
  }
  const rest = [...data, ...Array(CHECK_BYTES).fill(0)];
  for (let index = 0; index < data.length; index++) {
    const factor = rest[index] ?? 0;
    generator.forEach((value, offset) => rest[index + offset] ^= multiply(value, factor));
  }
  return [...data, ...rest.slice(data.length)];
}

/** The modules that are dark, as rows of booleans. @param {string} digits */
export function qrModules(digits) {
  /** @type {(boolean | undefined)[][]} */
  const rows = Array.from({ length: SIZE }, () => Array(SIZE).fill(undefined));
  const set = (/** @type {number} */ x, /** @type {number} */ y, /** @type {boolean} */ isDark) => {
    const row = rows[y];
    if (row !== undefined && x >= 0 && x < SIZE) row[x] = isDark;
  };
  for (const [left, top] of /** @type {const} */ ([[0, 0], [SIZE - 7, 0], [0, SIZE - 7]])) {
    for (let y = -1; y <= 7; y++) {
      for (let x = -1; x <= 7; x++) {
        const ring = Math.max(Math.abs(x - 3), Math.abs(y - 3));
        set(left + x, top + y, ring !== 2 && ring !== 4);
      }
    }
  }
  for (let y = -2; y <= 2; y++) {
    for (let x = -2; x <= 2; x++) set(22 + x, 22 + y, Math.max(Math.abs(x), Math.abs(y)) !== 1);
  }
  for (let at = 8; at < SIZE - 8; at++) {
    set(at, 6, at % 2 === 0);
    set(6, at, at % 2 === 0);
  }
  placeFormat(set);
  const bits = encode(digits).flatMap((byte) =>
    Array.from({ length: 8 }, (_, bit) => (byte >> (7 - bit)) % 2 === 1)
  );
  let next = 0;
  for (let right = SIZE - 1, isUp = true; right > 0; right -= 2, isUp = !isUp) {
    if (right === 6) right--;
    for (let step = 0; step < SIZE; step++) {
      const y = isUp ? SIZE - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (rows[y]?.[x] === undefined) set(x, y, (bits[next++] ?? false) !== ((x + y) % 2 === 0));
      }
    }
  }
  return rows.map((row) => row.map(Boolean));
}

/** Level M with the first mask, whose 15 bits are always the same. @param {(x: number, y: number, isDark: boolean) => void} set */
function placeFormat(set) {
  const format = 0b101010000010010;
  const bit = (/** @type {number} */ index) => (format >> index) % 2 === 1;
  for (let index = 0; index < 15; index++) {
    const along = index < 6 ? index : index < 8 ? index + 1 : SIZE - 15 + index;
    set(8, along, bit(index));
    const across = index < 8 ? SIZE - 1 - index : index < 9 ? 15 - index : 14 - index;
    set(across, 8, bit(index));
  }
  set(8, SIZE - 8, true);
}

/** @param {{ text: string, label: string }} props */
export function QrCode({ text, label }) {
  if (!/^\d{1,77}$/.test(text)) return null;
  const path = qrModules(text).flatMap((row, y) =>
    row.flatMap((isDark, x) => isDark ? [`M${x + 4} ${y + 4}h1v1h-1z`] : [])
  ).join("");
  const size = SIZE + 8;
  return html`
    <svg class="qr" viewBox="0 0 ${size} ${size}" role="img" aria-label=${label}
      shape-rendering="crispEdges">
      <rect width=${size} height=${size} fill="#fff" />
      <path d=${path} fill="#000" />
    </svg>
  `;
}
