import { sanitizeName, sanitizeText } from "../../../protocol/mod.ts";
import type { Messenger, Transfer } from "../../core/mod.ts";
import type { TransferRow } from "../messages.ts";
import { RequestError } from "./wording.ts";

/** Pictures that a browser may show, by the first bytes of their files in hex. */
const PICTURES: readonly (readonly [RegExp, string])[] = [
  [/^89504e470d0a1a0a/, "image/png"],
  [/^ffd8ff/, "image/jpeg"],
  [/^52494646.{8}57454250/, "image/webp"],
  [/^474946383[79]61/, "image/gif"],
];
/** Larger ones are opened outside of the window. */
const MAX_PICTURE_BYTES = 52_428_800;

/** The transfers as pages show them. */
export class WindowFiles {
  readonly #messenger: Messenger;

  constructor(messenger: Messenger) {
    this.#messenger = messenger;
  }

  /** All of them, the oldest first. */
  get rows(): TransferRow[] {
    return this.#messenger.files.all.map(transferRow);
  }

  /**
   * The transfer with that number.
   *
   * @throws {RangeError} if there is none
   */
  get(number: number): Transfer {
    const transfer = this.#messenger.files.all.find((each) => each.number === number);
    if (transfer !== undefined) return transfer;
    throw new RequestError("This file is not listed any more", "file-gone");
  }

  /** A picture that has come, to be shown; undefined if it is none, or too large. */
  async picture(
    number: number,
  ): Promise<{ readonly type: string; readonly bytes: Uint8Array } | undefined> {
    const { location, state, files, size, direction } = this.get(number);
    const isThere = direction === "incoming" && state === "done" && files === 1;
    if (!isThere || location === undefined || size > MAX_PICTURE_BYTES) return undefined;
    if (!(await Deno.stat(location)).isFile) return undefined; // empty folders came with it
    const bytes = await Deno.readFile(location);
    const head = bytes.subarray(0, 16).toHex();
    const type = PICTURES.find(([pattern]) => pattern.test(head))?.[1];
    return type === undefined ? undefined : { type, bytes };
  }
}

/** The row of a transfer. */
export function transferRow(transfer: Transfer): TransferRow {
  const { number, direction, name, path, files, size, bytes, speed, state } = transfer;
  const { reason, place, mime, thumbnail, location, takers } = transfer;
  const reached = takers.filter(({ state }) => state === "done").length;
  return {
    ...{ number, direction, files, size, bytes, state },
    speed: Math.round(speed),
    name: sanitizeName(name),
    path: sanitizeText(path),
    ...reason !== undefined && { reason },
    ...place !== undefined && { place },
    ...location !== undefined && { location: sanitizeText(location) },
    ...takers.length > 0 && { takers: { n: reached, all: takers.length } },
    ...thumbnail.length > 0 && { thumbnail: thumbnailUrl(thumbnail) },
    isPicture: /^image\/(?:png|jpeg|webp|gif)$/.test(mime) && files === 1 &&
      size <= MAX_PICTURE_BYTES && (state !== "done" || beginsAsPicture(location)),
  };
}

/** Whether a file that is here is a picture: its name is the choice of whoever sent it. */
function beginsAsPicture(location: string | undefined): boolean {
  if (location === undefined) return false;
  const bytes = new Uint8Array(16);
  try {
    using file = Deno.openSync(location);
    file.readSync(bytes);
  } catch {
    return false;
  }
  return PICTURES.some(([pattern]) => pattern.test(bytes.toHex()));
}

/** The picture of an offer, whose kind its first bytes tell. */
function thumbnailUrl(bytes: Uint8Array): string {
  const head = bytes.subarray(0, 16).toHex();
  const type = PICTURES.find(([pattern]) => pattern.test(head))?.[1] ?? "image/png";
  return `data:${type};base64,${bytes.toBase64()}`;
}
