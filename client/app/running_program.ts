import { deadline } from "@std/async/deadline";

const FILE_NAME = "running.sock";
/** How long a program that runs has to answer on a busy machine, and how much it may say. */
const ANSWER_TIMEOUT_MS = 5_000;
const MAX_ANSWER_BYTES = 4_096;
/** Longer paths are no names of sockets. */
const MAX_PATH_BYTES = 100;

/** A program that runs with a data folder. */
export interface RunningProgram {
  readonly face: "terminal" | "window";
  /** The user's name there. */
  readonly name: string;
  /** The server, as `HOST:PORT`. */
  readonly server: string;
}

/** Marks that this program runs with a data folder, until it is closed: programs started with that folder see it. */
export class RunningMark implements Disposable {
  readonly #listener: Deno.UnixListener | undefined;
  readonly #path: string;

  /**
   * Marks a data folder as in use.
   *
   * @param describe returns the facts for other programs
   * @returns the program that uses it already; undefined as its face if it does not answer
   */
  static async set(
    folder: string,
    describe: () => RunningProgram,
  ): Promise<RunningMark | { readonly running: RunningProgram | undefined }> {
    const path = `${folder}/${FILE_NAME}`;
    if (new TextEncoder().encode(path).length > MAX_PATH_BYTES) return new RunningMark(path);
    for (let tries = 0; tries < 2; tries++) {
      try {
        const listener = Deno.listen({ transport: "unix", path });
        await Deno.chmod(path, 0o600).catch(() => {}); // the folder is the user's alone, too
        return new RunningMark(path, listener, describe);
      } catch (error) {
        // Not every system has such sockets, and not every folder can be written to.
        if (!(error instanceof Deno.errors.AddrInUse)) return new RunningMark(path);
      }
      const found = await ask(path);
      if (found !== undefined) return found;
      await Deno.remove(path).catch(() => {}); // of a program that was killed
    }
    return new RunningMark(path);
  }

  private constructor(path: string, listener?: Deno.UnixListener, describe?: () => RunningProgram) {
    this.#path = path;
    this.#listener = listener;
    if (listener !== undefined && describe !== undefined) void answer(listener, describe);
  }

  /** Others may use the folder. */
  [Symbol.dispose](): void {
    if (this.#listener === undefined) return;
    this.#listener.close();
    try {
      Deno.removeSync(this.#path);
    } catch {
      // It is gone already.
    }
  }
}

/** Answers each program that connects. Never rejects. */
async function answer(listener: Deno.UnixListener, describe: () => RunningProgram): Promise<void> {
  try {
    for await (const connection of listener) {
      const bytes = new TextEncoder().encode(JSON.stringify(describe()));
      connection.write(bytes).catch(() => {}).finally(() => connection.close());
    }
  } catch {
    // It was closed.
  }
}

/** The program behind a socket; undefined if there is none any more. */
async function ask(
  path: string,
): Promise<{ readonly running: RunningProgram | undefined } | undefined> {
  let connection: Deno.UnixConn;
  try {
    connection = await Deno.connect({ transport: "unix", path });
  } catch {
    return undefined;
  }
  try {
    return { running: await deadline(readAnswer(connection), ANSWER_TIMEOUT_MS) };
  } catch {
    return { running: undefined }; // it has stopped, but not ended
  } finally {
    connection.close();
  }
}

async function readAnswer(connection: Deno.UnixConn): Promise<RunningProgram | undefined> {
  let text = "";
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(MAX_ANSWER_BYTES);
  for (let length; (length = await connection.read(buffer)) !== null;) {
    text += decoder.decode(buffer.subarray(0, length), { stream: true });
    if (text.length > MAX_ANSWER_BYTES) return undefined;
  }
  const { face, name, server } = JSON.parse(text);
  if (typeof name !== "string" || typeof server !== "string") return undefined;
  return { face: face === "window" ? face : "terminal", name, server };
}
