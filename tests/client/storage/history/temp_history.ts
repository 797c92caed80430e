import { History, type NewMessage } from "../../../../client/storage/history/history.ts";

/** A folder of its own for a history, and what the history has noted; removed at the end. */
export class TempHistory implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync();
  readonly path = `${this.folder}/history.db`;
  readonly notes: string[] = [];
  readonly #opened: History[] = [];

  /** Opens the history. @throws {Error} where there is none */
  async open(mostBytes?: number): Promise<History> {
    const history = await this.tryToOpen(mostBytes);
    if (history === undefined) throw new Error(`expected a history: ${this.notes.join()}`);
    return history;
  }

  /** Opens the history; undefined where there is none. */
  async tryToOpen(mostBytes?: number): Promise<History | undefined> {
    const history = await History.open(this.path, (text) => this.notes.push(text), mostBytes);
    if (history !== undefined) this.#opened.push(history);
    return history;
  }

  /** The names of the files in the folder, in order. */
  files(): string[] {
    return [...Deno.readDirSync(this.folder)].map(({ name }) => name).sort();
  }

  /** Whether these characters stand in any of the files. */
  contains(text: string): boolean {
    return this.files().some((name) =>
      new TextDecoder("latin1").decode(Deno.readFileSync(`${this.folder}/${name}`)).includes(text)
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const history of this.#opened) await history.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A message to or from somebody, at some time. */
export function message(name: string, text: string, more: Partial<NewMessage> = {}): NewMessage {
  return { peer: { name, address: "192.0.2.7:40001" }, type: "received", text, at: 0, ...more };
}

/** What the messages say. */
export function texts(messages: readonly { readonly text: string }[]): string[] {
  return messages.map(({ text }) => text);
}
