/** How long missing entries may still come by themselves before they are asked for, and how many at once. */
const WANT_DELAY_MS = 100;
const MAX_WANTED = 256;
/** How many are remembered as asked for. */
const MAX_ASKED = 5_000;

/** Single entries to ask a peer for, each once: others that the peer has sent name them. */
export class EntryWants {
  readonly #ask: (hashes: Uint8Array[]) => void;
  readonly #wanted: string[] = [];
  readonly #asked = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(ask: (hashes: Uint8Array[]) => void) {
    this.#ask = ask;
  }

  add(hashes: readonly string[]): void {
    for (const hash of hashes) {
      if (this.#asked.has(hash) || this.#asked.size >= MAX_ASKED) continue;
      this.#asked.add(hash);
      this.#wanted.push(hash);
    }
    if (this.#wanted.length === 0 || this.#isClosed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#ask(this.#wanted.splice(0, MAX_WANTED).map((hash) => Uint8Array.fromHex(hash)));
      this.add([]);
    }, WANT_DELAY_MS);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }
}
