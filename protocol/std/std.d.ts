// The types of the @std functions that MIM uses: the npm package that carries them ships none.

export function concat(buffers: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;

export function equals(a: Uint8Array, b: Uint8Array): boolean;
