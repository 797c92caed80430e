/** A folder of a test's own, for as long as it is in scope. */
export class TempFolder implements Disposable {
  /** Where it is. */
  readonly path = Deno.makeTempDirSync();

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
