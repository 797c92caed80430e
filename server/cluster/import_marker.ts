import { readText, replaceFile } from "../platform/storage/atomic_file.ts";

/** Notes in a data folder which clusters know the names of it. */
export class ImportMarker {
  readonly #path: string;
  readonly #cluster: string;

  constructor(folder: string, cluster: string) {
    this.#path = `${folder}/clusters.txt`;
    this.#cluster = cluster;
  }

  /** Whether this cluster knows them. */
  async isSet(): Promise<boolean> {
    const text = await readText(this.#path);
    return text?.split("\n").includes(this.#cluster) ?? false;
  }

  /** From now on it does. */
  async set(): Promise<void> {
    await replaceFile(this.#path, `${await readText(this.#path) ?? ""}${this.#cluster}\n`);
  }
}
