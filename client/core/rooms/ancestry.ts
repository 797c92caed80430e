/** Which entry stands before which. Each is added after those that it names, and has a number from then on. */
export class Ancestry {
  /** For each entry, a bit for each one before it. */
  readonly #before: Uint32Array[] = [];

  get size(): number {
    return this.#before.length;
  }

  /** @param parents the numbers of the entries that it names */
  add(parents: readonly number[]): number {
    const number = this.#before.length;
    const bits = new Uint32Array((number >>> 5) + 1);
    for (const parent of parents) {
      const theirs = this.#before[parent];
      if (theirs === undefined) throw new RangeError(`expected an entry below ${number}`);
      for (let at = 0; at < theirs.length; at++) bits[at] = (bits[at] ?? 0) | (theirs[at] ?? 0);
      bits[parent >>> 5] = (bits[parent >>> 5] ?? 0) | (1 << (parent & 31));
    }
    this.#before.push(bits);
    return number;
  }

  /** Takes the newest one back. */
  removeNewest(): void {
    this.#before.pop();
  }

  isBefore(one: number, other: number): boolean {
    return (((this.#before[other]?.[one >>> 5] ?? 0) >>> (one & 31)) & 1) === 1;
  }
}
