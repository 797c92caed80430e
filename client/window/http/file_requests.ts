import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { UploadedFile } from "../api/mod.ts";
import { wordingOf } from "../state/mod.ts";
import { limits } from "../../../protocol/mod.ts";

/** How long a file's name may be, in UTF-16 units. */
const MAX_NAME_LENGTH = 255;

/** The files of the window, as its pages ask for them. */
export interface WindowFileAccess {
  /** Offers a file to the peer of a conversation, or in a room. */
  send(chat: number, file: UploadedFile): Promise<void>;
  /** The page was closed, or has given up, before all of a file was read. */
  onAborted(name: string): void;
  /** A picture that has come; undefined if it is none. */
  picture(
    number: number,
  ): Promise<{ readonly type: string; readonly bytes: Uint8Array } | undefined>;
}

/** The answer: a status, and a text or a picture. */
export interface FileAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
}

/**
 * Answers `PUT files/CHAT?name=NAME`, whose body is a file for that conversation, and `GET files/NUMBER`,
 * which is the picture of a transfer. `DELETE files/CHAT?name=NAME` says that a page was left before it
 * could send that file. An upload may have a small picture in base64 in its header
 * `x-thumbnail`.
 *
 * @param target behind `files/`
 */
export async function answerFileRequest(
  request: IncomingMessage,
  target: string,
  search: URLSearchParams,
  files: WindowFileAccess,
): Promise<FileAnswer> {
  if (!/^\d{1,15}$/.test(target)) return says(404, "there is no such file");
  if (request.method === "GET") {
    const picture = await files.picture(Number(target)).catch(() => undefined);
    if (picture === undefined) return says(404, "there is no such picture");
    return { status: 200, type: picture.type, body: picture.bytes };
  }
  const name = search.get("name") ?? "";
  const isNamed = name !== "" && name.length <= MAX_NAME_LENGTH;
  if (request.method === "DELETE" && isNamed) {
    files.onAborted(name);
    return says(200, "noted");
  }
  if (request.method !== "PUT") return says(405, "expected GET, PUT or DELETE");
  const size = Number(request.headers["content-length"] ?? NaN);
  if (!Number.isSafeInteger(size) || size > limits.fileBytes) {
    return says(411, "expected a length of at most 1 TiB");
  }
  if (!isNamed) return says(400, "expected a name");
  const thumbnail = thumbnailIn(request.headers["x-thumbnail"]);
  let bytes = 0;
  const stream = (Readable.toWeb(request) as ReadableStream<Uint8Array>).pipeThrough(
    new TransformStream({
      transform(part, controller) {
        bytes += part.length;
        controller.enqueue(part);
      },
    }),
  );
  try {
    await files.send(Number(target), { name, size, stream, thumbnail });
    return says(200, "offered");
  } catch (error) {
    const isAborted = request.destroyed && bytes < size;
    if (isAborted) files.onAborted(name);
    return { status: 409, type: "application/json", body: JSON.stringify(wordingOf(error)) };
  }
}

/** Writes an answer. A picture is shown as one, and can run nothing. */
export function writeFileAnswer(
  response: ServerResponse,
  { status, type, body }: FileAnswer,
  headers: Readonly<Record<string, string>>,
): void {
  const isPicture = typeof body !== "string";
  response.writeHead(status, {
    ...headers,
    "content-type": type,
    ...isPicture && { "content-security-policy": "default-src 'none'; sandbox" },
    ...status !== 200 && { connection: "close" },
  });
  response.end(body);
}

function thumbnailIn(header: string | string[] | undefined): Uint8Array {
  if (typeof header !== "string" || header.length > 2 * limits.thumbnailBytes) {
    return new Uint8Array(0);
  }
  try {
    const bytes = Uint8Array.fromBase64(header);
    return bytes.length <= limits.thumbnailBytes ? bytes : new Uint8Array(0);
  } catch {
    return new Uint8Array(0);
  }
}

function says(status: number, body: string): FileAnswer {
  return { status, type: "text/plain; charset=utf-8", body };
}
