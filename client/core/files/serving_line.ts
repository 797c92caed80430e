/** Takers are served so many at once; the others wait in line. */
export class ServingLine {
  readonly #most: number;
  #serving = 0;
  readonly #waiting: { readonly enter: () => void; readonly onPlace: (place: number) => void }[] =
    [];

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Resolves once it is one's turn, to a function that ends it.
   *
   * @param onPlace gets the place in line, from 1, if others come first, and each time it changes
   * @throws the signal's reason once it is aborted
   */
  async enter(onPlace: (place: number) => void, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#serving < this.#most && this.#waiting.length === 0) this.#serving++;
    else await this.#wait(onPlace, signal);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#serving--;
      this.#next();
    };
  }

  async #wait(onPlace: (place: number) => void, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const place = { enter: resolve, onPlace };
    const leave = () => {
      const at = this.#waiting.indexOf(place);
      if (at < 0) return;
      this.#waiting.splice(at, 1);
      reject(signal.reason);
      this.#tell();
    };
    this.#waiting.push(place);
    onPlace(this.#waiting.length);
    signal.addEventListener("abort", leave);
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  #next(): void {
    if (this.#serving >= this.#most) return;
    const first = this.#waiting.shift();
    if (first === undefined) return;
    this.#serving++;
    first.enter();
    this.#tell();
  }

  #tell(): void {
    for (const [index, { onPlace }] of this.#waiting.entries()) onPlace(index + 1);
  }
}
