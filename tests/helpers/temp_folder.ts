/** A folder of a test's own, for as long as it is in scope. */
export class TempFolder implements Disposable {
  /** Where it is. */
  readonly path = Deno.makeTempDirSync();

  [Symbol.dispose](): void {
    removeFolder(this.path);
  }
}

/** How often it is tried to remove a folder, and milliseconds from one time to the next. */
const [TRIES, REST] = [100, 50];

/** Removes a folder; a program that a test has ended may still put a last file there. */
export function removeFolder(path: string): void {
  for (let left = TRIES;; left--) {
    try {
      return Deno.removeSync(path, { recursive: true });
    } catch (error) {
      if (left === 0 || error instanceof Deno.errors.NotFound) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, REST);
  }
}
