import { replaceFile } from "../platform/storage/atomic_file.ts";
import { readTextSync } from "../platform/storage/regular_file.ts";

/** Notes in a data folder which clusters know the names of it. */
export class ImportMarker {
  readonly #path: string;
  readonly #cluster: string;
  readonly #clusters: readonly string[];
  #isSet: boolean;

  /** @throws {Error} if the file can't be read */
  constructor(folder: string, cluster: string) {
    this.#path = `${folder}/clusters.txt`;
    this.#cluster = cluster;
    this.#clusters = linesOf(this.#path);
    this.#isSet = this.#clusters.includes(cluster);
  }

  /** Whether this cluster knows them. */
  get isSet(): boolean {
    return this.#isSet;
  }

  /** From now on it does. */
  async set(): Promise<void> {
    const lines = [...this.#clusters, this.#cluster];
    await replaceFile(this.#path, lines.map((line) => `${line}\n`).join(""));
    this.#isSet = true;
  }
}

function linesOf(path: string): string[] {
  return readTextSync(path)?.split("\n").filter((line) => line !== "") ?? [];
}
