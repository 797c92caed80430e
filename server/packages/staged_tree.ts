import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

/** The files of a package before it is made: a folder that stands for `/`. */
export class StagedTree {
  /** The folder. */
  readonly path: string;
  readonly #written: string[] = [];
  #bytes = 0;

  /** Begins with an empty folder. */
  static async create(): Promise<StagedTree> {
    const path = await Deno.makeTempDir();
    await Deno.chmod(path, 0o755);
    return new StagedTree(path);
  }

  private constructor(path: string) {
    this.path = path;
  }

  /** How much all files have together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Writes a file; `path` begins with a slash. */
  async write(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const parts = path.split("/").slice(1, -1);
    for (const index of parts.keys()) {
      const folder = `${this.path}/${parts.slice(0, index + 1).join("/")}`;
      await Deno.mkdir(folder, { recursive: true });
      await Deno.chmod(folder, 0o755); // whatever the umask is
    }
    await Deno.writeFile(`${this.path}${path}`, bytes);
    await Deno.chmod(`${this.path}${path}`, mode);
    this.#written.push(path);
    this.#bytes += bytes.length;
  }

  /** Copies a file of the system into it. */
  async copy(from: string, path: string, mode = 0o644): Promise<void> {
    await this.write(path, await Deno.readFile(from), mode);
  }

  /** The MD5 of each file, as `md5sum` writes it. */
  async md5sums(): Promise<string> {
    const lines = [];
    for (const path of this.#written.toSorted()) {
      const bytes = await Deno.readFile(`${this.path}${path}`);
      lines.push(`${createHash("md5").update(bytes).digest("hex")}  ${path.slice(1)}\n`);
    }
    return lines.join("");
  }

  /** Removes the folder. */
  async remove(): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Compresses without a name and a time, so that the same text gives the same bytes. */
export function gzip(text: string): Uint8Array {
  return gzipSync(text, { level: 9 });
}

/**
 * Replaces each `@NAME@`.
 *
 * @throws {Error} if one has no value, or a value has no place
 */
export function filled(text: string, values: Readonly<Record<string, string>>): string {
  const used = new Set<string>();
  const result = text.replaceAll(/@([A-Z]+)@/g, (_, name) => {
    const value = values[name];
    if (value === undefined) throw new Error(`Expected a value for @${name}@`);
    used.add(name);
    return value;
  });
  const unused = Object.keys(values).filter((name) => !used.has(name));
  if (unused.length > 0) throw new Error(`Expected a place for ${unused.join(", ")}`);
  return result;
}
