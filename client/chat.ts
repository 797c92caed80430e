import { formatAddress, type HostPort, isLoopback } from "../protocol/mod.ts";
import { Console } from "./console.ts";
import { ClientError, Messenger } from "./core/mod.ts";
import { EXIT, exitCodeOf } from "./exit.ts";
import { LocalServer } from "./local_server.ts";
import { type ClientFlags, userName } from "./options.ts";
import type { Face } from "./terminal/face.ts";
import type { PromptFace } from "./terminal/prompt.ts";

/** What the interactive client starts with. */
export interface ChatSetup extends Pick<ClientFlags, "listen" | "name"> {
  readonly server: HostPort;
  /** The name that is suggested where one is asked for, and taken where nobody can be asked. */
  readonly suggestedName: string;
  /** Whether to run a server here where none answers. */
  readonly mayHost: boolean;
  /** The face for scripts; undefined on a terminal. */
  readonly lines: Face | undefined;
  /** Whether somebody types the lines: then a first login that fails is no end, it can be mended. */
  readonly typed: boolean;
}

/**
 * The interactive client: until /quit, the end of what is typed, or a signal.
 *
 * @param stopped resolves to the exit code of a signal
 * @returns the exit code
 */
export async function chat(setup: ChatSetup, stopped: Promise<number>): Promise<number> {
  let console: Console | undefined;
  const prompt = setup.lines === undefined ? await newPrompt(() => console) : undefined;
  const face = setup.lines ?? prompt;
  if (face === undefined) throw new TypeError("expected a face");
  const { server, listen, mayHost } = setup;
  const local = new LocalServer(server.port, (event) => face.emit(event));
  let messenger: Messenger | undefined;
  try {
    const name = setup.name ?? await askName(prompt, setup.suggestedName, stopped);
    if (typeof name === "number") return name;
    // Where the server was on this machine and is gone, this program takes its place.
    const takeOver = async () => {
      if (messenger?.server === server) await local.start();
    };
    messenger = new Messenger({ name, server, listen, reconnect: !mayHost || takeOver });
    const quit = Promise.withResolvers<number>();
    const leave = () => quit.resolve(EXIT.done);
    const open = console = new Console(messenger, face.emit, leave, () => face.typing());
    messenger.subscribe((event) => {
      if (event.kind === "connected") warnOfLoopback(listen.hostname, event.address, open);
    });
    prompt?.start();
    const enter = () => loginOrHost(open.messenger, setup, local);
    const entering = open.enter(enter);
    const working = inTurn(open, face, setup, entering, quit.promise);
    return await Promise.race([working, quit.promise, stopped]);
  } finally {
    console?.leave();
    face.close();
    await messenger?.quit();
    await local.close();
  }
}

/** The line editor is loaded only where there is a terminal: it takes half of the start's time. */
async function newPrompt(console: () => Console | undefined): Promise<PromptFace> {
  const { PromptFace } = await import("./terminal/prompt.ts");
  return new PromptFace(console);
}

/** The name, or an exit code where somebody leaves instead of answering. */
async function askName(
  prompt: PromptFace | undefined,
  suggested: string,
  stopped: Promise<number>,
): Promise<string | number> {
  if (prompt === undefined) return userName(suggested);
  for (;;) {
    const answer = await Promise.race([prompt.ask(`Your name [${suggested}]: `), stopped]);
    if (typeof answer === "number") return answer;
    if (answer.trim() === "/quit") return EXIT.done;
    try {
      if (answer.trim().startsWith("/")) {
        throw new SyntaxError("commands come later: first a name, or /quit");
      }
      return userName(answer.trim() === "" ? suggested : answer);
    } catch (error) {
      prompt.emit({ kind: "error", text: error instanceof Error ? error.message : String(error) });
    }
  }
}

/** Whoever listens at a loopback address alone can't be called from elsewhere: better said. */
function warnOfLoopback(listening: string | undefined, server: string, console: Console): void {
  if (listening === undefined || isLoopback(server)) return;
  if (!isLoopback(listening) && listening !== "localhost") return;
  console.note(`only this machine can call you: --listen ${listening} is not on the network`);
}

/**
 * Logs in; where no server was named and none answers here, runs one.
 *
 * @param local what to run then
 */
async function loginOrHost(
  messenger: Messenger,
  { server, mayHost }: ChatSetup,
  local: LocalServer,
): Promise<void> {
  try {
    return await messenger.login();
  } catch (error) {
    const nobody = error instanceof ClientError && error.code === "server-unreachable";
    if (!mayHost || !nobody) throw error;
  }
  const hosted = await local.start();
  try {
    await messenger.login();
  } catch (error) {
    if (hosted || !(error instanceof ClientError)) throw error;
    if (error.code !== "server-unreachable") throw error;
    const where = formatAddress(server.hostname, server.port);
    const text = `port ${server.port} of this machine is taken, but nothing answers at ${where}: ` +
      "a MIM server may listen at another address of it";
    throw new ClientError("server-unreachable", text, { cause: error });
  }
}

/**
 * Logs in, and does what each line says: one after the other for scripts, at once for people, who may
 * want something else before the last is done. The end of the lines ends the program; where there
 * never was a line, and nobody there to type one, only a signal does.
 *
 * @returns the exit code
 */
async function inTurn(
  console: Console,
  face: Face,
  { typed }: ChatSetup,
  entering: Promise<unknown>,
  never: Promise<number>,
): Promise<number> {
  let failed: number | undefined;
  const entered = entering.then(() => {}, (error) => {
    console.report(error);
    if (!typed && error instanceof ClientError) failed = exitCodeOf(error.code);
  });
  if (face.inOrder) await entered;
  if (failed !== undefined) return failed;
  let any = typed;
  const running = Promise.withResolvers<never>();
  entered.catch(running.reject);
  const lines = async () => {
    for await (const line of face.lines) {
      any = true;
      const done = console.run(line);
      if (face.inOrder) await done;
      else done.catch(running.reject);
    }
  };
  await Promise.race([lines(), running.promise]);
  if (face.inOrder) await console.sent();
  return any ? EXIT.done : await never;
}
