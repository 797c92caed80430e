import { deadline } from "@std/async/deadline";
import { delay } from "@std/async/delay";
import { writeAll } from "../platform/net/byte_stream.ts";
import { reasonOf } from "../platform/util/errors.ts";

const FILE_NAME = "control.sock";
/** Longer paths are no names of sockets. */
const MAX_PATH_BYTES = 100;
/** How much a command may be. */
const MAX_REQUEST_BYTES = 4_096;
/** How long a command may take to come, or its answer to be read. */
const REQUEST_TIMEOUT_MS = 5_000;
/** How long a server has to answer. */
const ANSWER_TIMEOUT_MS = 30_000;
const MAX_CONNECTIONS = 8;
/** After a connection that could not be accepted. */
const ACCEPT_PAUSE_MS = 1_000;

/** A server's answer to a command: lines for the operator, or why it can't be done. */
export type ControlAnswer =
  | { readonly ok: true; readonly lines: readonly string[] }
  | { readonly ok: false; readonly reason: string };

/** The socket in the data folder through which its owner gives a running server commands. */
export class ControlSocket implements Disposable {
  readonly #listener: Deno.UnixListener;
  readonly #path: string;
  readonly #answer: (command: readonly string[]) => Promise<ControlAnswer>;
  #open = 0;
  #isClosed = false;

  /**
   * Opens the socket.
   *
   * @throws {Error} if that is not possible, or another server answers at it
   */
  static async open(
    folder: string,
    answer: (command: readonly string[]) => Promise<ControlAnswer>,
  ): Promise<ControlSocket> {
    const path = `${folder}/${FILE_NAME}`;
    if (new TextEncoder().encode(path).length > MAX_PATH_BYTES) {
      throw new Error(
        `the path ${path} is too long for a socket; use a data folder with a shorter`,
      );
    }
    if (await isServerAnswering(folder)) throw new Error(`another server answers at ${path}`);
    // In a folder that nobody else may enter it gets its mode before anybody can connect to it.
    const closed = `${folder}/.c${crypto.randomUUID().slice(0, 6)}`;
    await Deno.mkdir(closed, { mode: 0o700 });
    try {
      const listener = Deno.listen({ transport: "unix", path: `${closed}/s` });
      try {
        await Deno.chmod(`${closed}/s`, 0o600);
        await Deno.rename(`${closed}/s`, path);
      } catch (error) {
        listener.close();
        throw error;
      }
      return new ControlSocket(listener, path, answer);
    } finally {
      await Deno.remove(closed, { recursive: true });
    }
  }

  private constructor(
    listener: Deno.UnixListener,
    path: string,
    answer: (command: readonly string[]) => Promise<ControlAnswer>,
  ) {
    this.#listener = listener;
    this.#path = path;
    this.#answer = answer;
    void this.#accept();
  }

  /** Takes no more commands. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
    try {
      Deno.removeSync(this.#path);
    } catch {
      // It is gone already.
    }
  }

  /** Never rejects. */
  async #accept(): Promise<void> {
    while (!this.#isClosed) {
      try {
        const connection = await this.#listener.accept();
        if (this.#open >= MAX_CONNECTIONS) connection.close();
        else void this.#serve(connection);
      } catch {
        if (!this.#isClosed) await delay(ACCEPT_PAUSE_MS); // no file descriptor was left
      }
    }
  }

  /** Never rejects. */
  async #serve(connection: Deno.UnixConn): Promise<void> {
    this.#open++;
    try {
      const text = await deadline(readAll(connection, MAX_REQUEST_BYTES), REQUEST_TIMEOUT_MS);
      const command: unknown = JSON.parse(text);
      const isCommand = Array.isArray(command) && command.every((word) => typeof word === "string");
      const answer = isCommand
        ? await this.#answer(command).catch((error) => failed(reasonOf(error)))
        : failed("expected a list of words");
      const bytes = new TextEncoder().encode(JSON.stringify(answer));
      await deadline(writeAll(connection, bytes), REQUEST_TIMEOUT_MS);
    } catch {
      // It broke off, took too long, or sent no command.
    } finally {
      this.#open--;
      connection.close();
    }
  }
}

/**
 * Gives the server that runs with a data folder a command.
 *
 * @returns undefined if none runs, or it has no socket
 * @throws {Error} if it does not answer
 */
export async function askServer(
  folder: string,
  command: readonly string[],
): Promise<ControlAnswer | undefined> {
  const path = `${folder}/${FILE_NAME}`;
  let connection: Deno.UnixConn;
  try {
    connection = await Deno.connect({ transport: "unix", path });
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) throw error;
    return undefined;
  }
  try {
    await writeAll(connection, new TextEncoder().encode(JSON.stringify(command)));
    await connection.closeWrite();
    return answerIn(await deadline(readAll(connection, Infinity), ANSWER_TIMEOUT_MS));
  } finally {
    connection.close();
  }
}

function answerIn(text: string): ControlAnswer {
  const { ok, lines, reason } = JSON.parse(text === "" ? "{}" : text);
  if (ok === true && Array.isArray(lines)) return { ok, lines: lines.map(String) };
  return failed(typeof reason === "string" ? reason : "it gave no answer; try again");
}

function failed(reason: string): ControlAnswer {
  return { ok: false, reason };
}

/** Whether a server runs with a data folder, and has a socket there. */
export async function isServerAnswering(folder: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path: `${folder}/${FILE_NAME}` })).close();
    return true;
  } catch {
    return false;
  }
}

/** @throws {RangeError} if more comes than that many bytes */
async function readAll(connection: Deno.UnixConn, maxBytes: number): Promise<string> {
  let text = "";
  let total = 0;
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(16_384);
  for (let length; (length = await connection.read(buffer)) !== null;) {
    total += length;
    if (total > maxBytes) throw new RangeError(`expected ${maxBytes} bytes at most`);
    text += decoder.decode(buffer.subarray(0, length), { stream: true });
  }
  return text;
}
