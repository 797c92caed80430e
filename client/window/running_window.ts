/**
 * One window for a data folder: the first one leaves its address there, and one that is started later
 * opens a page of it. Otherwise the user would be online twice.
 *
 * @module
 */

import { readText, replaceFile } from "../../server/platform/storage/atomic_file.ts";

/** How long a window may take to answer on a busy machine; that it has ended shows at once. */
const ANSWER_TIMEOUT_MS = 10_000;
const FILE_NAME = "window.address";
const ADDRESS = /^http:\/\/127\.0\.0\.1:\d{1,5}\/\?token=[0-9a-f]{32}$/;
const FOLDER = /(?<=href=")\/[0-9a-f]{32}\/(?=style\.css")/;

/**
 * Asks the window that runs with a data folder for an address that is valid once.
 *
 * @returns undefined if none runs there, or it does not answer
 */
export async function findRunningWindow(folder: string): Promise<string | undefined> {
  try {
    const address = (await readText(`${folder}/${FILE_NAME}`))?.trim() ?? "";
    if (!ADDRESS.test(address)) return undefined;
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const page = await fetch(address, { signal, redirect: "error" });
    const path = FOLDER.exec(await page.text())?.[0];
    const cookie = page.headers.get("set-cookie")?.split(";")[0];
    if (!page.ok || path === undefined || cookie === undefined) return undefined;
    const asked = new URL(`${path}new-address`, address);
    const answer = await fetch(asked, { headers: { cookie }, signal, redirect: "error" });
    const text = await answer.text();
    const isOwn = answer.ok && ADDRESS.test(text) && new URL(text).origin === asked.origin;
    return isOwn ? text : undefined;
  } catch {
    return undefined; // it has ended, or something else answers at its port
  }
}

/** Leaves the address of a window in the data folder, for its user alone, until it ends. */
export class WindowAddress implements AsyncDisposable {
  readonly #path: string;
  #written: Promise<void> = Promise.resolve();

  constructor(folder: string) {
    this.#path = `${folder}/${FILE_NAME}`;
  }

  /** Leaves an address in place of the one before. Without it, a later window is one of its own. */
  async set(address: string): Promise<void> {
    const write = () => replaceFile(this.#path, `${address}\n`);
    this.#written = this.#written.then(write).catch(() => {});
    await this.#written;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#written;
    await Deno.remove(this.#path).catch(() => {});
  }
}
