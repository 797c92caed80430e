import {
  countFiles,
  encodeFileOffer,
  encodeManifest,
  type FileRow,
  fitsOffer,
  isFolderPath,
  portableName,
  portablePath,
  rootOf,
  uniquePaths,
} from "../../../protocol/mod.ts";
import type { FileStorage, OpenSource, SourceFile } from "../file_storage.ts";
import { openBlob } from "../memory_files.ts";
import type { FileInput, SendFileOptions } from "../transfer.ts";
import type { GivenFile } from "./giver.ts";
import { offerPath } from "./offer_label.ts";
import { HASH_BYTES, hashOf, readHashes } from "./piece_hashes.ts";

/** A file or an empty folder to offer, before it is read. */
export interface Offered {
  readonly source: SourceFile;
  open(): Promise<OpenSource>;
}

const MIMES: Readonly<Record<string, string>> = {
  ...{ png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", webp: "image/webp" },
  ...{ gif: "image/gif", svg: "image/svg+xml", pdf: "application/pdf", txt: "text/plain" },
  ...{ md: "text/markdown", html: "text/html", csv: "text/csv", json: "application/json" },
  ...{ zip: "application/zip", gz: "application/gzip", mp3: "audio/mpeg", ogg: "audio/ogg" },
  ...{ wav: "audio/wav", mp4: "video/mp4", webm: "video/webm" },
};

/** The files that an input names. Their content is not read yet, but for a stream, which is stored. */
export async function findFiles(
  storage: FileStorage,
  input: FileInput,
  { name }: Pick<SendFileOptions, "name">,
): Promise<Offered[]> {
  if (input instanceof Blob) {
    const path = portableName(name ?? (input instanceof File ? input.name : "file"));
    const source = { path, location: "", size: input.size };
    return [{ source, open: () => Promise.resolve(openBlob(input)) }];
  }
  const sources = typeof input === "string"
    ? await storage.find([input])
    : "stream" in input
    ? [await storage.spool(portableName(input.name), input.stream, input.size)]
    : await storage.find(input);
  const paths = uniquePaths(sources.map(({ path }) => portablePath(path)));
  return sources.map((source, index) => {
    const named = { ...source, path: paths[index] ?? source.path };
    return { source: named, open: () => storage.open(named) };
  });
}

/** An offer of files, as it is sent, and its manifest if it has one. */
export interface BuiltOffer {
  readonly offer: Uint8Array<ArrayBuffer>;
  readonly manifest?: Uint8Array<ArrayBuffer>;
}

/**
 * Reads all files, and makes an offer of them.
 *
 * @param lists gets the hashes of each file that has more than one, under its number
 * @param onBytes called as they are read
 * @throws if one can't be read, or they are too many
 */
export async function buildOffer(
  files: readonly Offered[],
  thumbnail: Uint8Array,
  lists: Map<number, Uint8Array>,
  onBytes: (count: number) => void,
  signal: AbortSignal,
): Promise<BuiltOffer> {
  const rows: FileRow[] = [];
  for (const { source: { path, size }, open } of files) {
    signal.throwIfAborted();
    const hashes = isFolderPath(path)
      ? new Uint8Array(0)
      : await hashesOf(open, size, onBytes, signal);
    if (hashes.length > HASH_BYTES) lists.set(rows.length, hashes);
    rows.push({ path, size, root: rootOf(hashes) });
  }
  const extension = /\.([a-z0-9]+)$/i.exec(rows[0]?.path ?? "")?.[1]?.toLowerCase() ?? "";
  const mime = MIMES[extension] ?? "";
  if (fitsOffer(rows, thumbnail.length)) {
    return { offer: encodeFileOffer({ rows, mime, thumbnail }) };
  }
  const manifest = encodeManifest(rows);
  const hashes = await readHashes({ read: readerOf(manifest) }, manifest.length);
  const root = rootOf(hashes ?? hashOf(manifest));
  const bytes = rows.reduce((sum, { size }) => sum + size, 0);
  const name = portableName(offerPath(rows.map(({ path }) => path)));
  const list = { path: name, size: manifest.length, root };
  const summary = { files: countFiles(rows), bytes };
  return {
    offer: encodeFileOffer({ rows: [list], manifest: summary, mime, thumbnail }),
    manifest,
  };
}

/** A file in memory, as one that is given. */
export function givenBytes(row: FileRow, bytes: Uint8Array): GivenFile {
  return { row, open: () => Promise.resolve({ read: readerOf(bytes), close: () => {} }) };
}

async function hashesOf(
  open: () => Promise<OpenSource>,
  size: number,
  onBytes: (count: number) => void,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const source = await open();
  try {
    const hashes = await readHashes(source, size, (count) => {
      signal.throwIfAborted();
      onBytes(count);
    });
    if (hashes === undefined) throw new Error("it became shorter while it was being read");
    return hashes;
  } finally {
    source.close();
  }
}

function readerOf(bytes: Uint8Array): OpenSource["read"] {
  return (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length));
}
