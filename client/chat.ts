import type { HostPort } from "../protocol/mod.ts";
import { Console } from "./console.ts";
import { type Chat, ClientError, Messenger } from "./core/mod.ts";
import { EXIT, exitCodeOf } from "./exit.ts";
import type { Hosted } from "./hosting.ts";
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
  /** Whether to go on where the first login fails: somebody is there to mend it. */
  readonly stays: boolean;
}

/**
 * The interactive client: until /quit, the end of what is typed, or a signal.
 *
 * @param stopped resolves to the exit code of a signal
 * @returns the exit code
 */
export async function chat(setup: ChatSetup, stopped: Promise<number>): Promise<number> {
  let console: Console | undefined;
  const prompt = setup.lines === undefined ? await newPrompt(() => console?.current) : undefined;
  const face = setup.lines ?? prompt;
  if (face === undefined) throw new TypeError("expected a face");
  let hosted: Hosted | undefined;
  let messenger: Messenger | undefined;
  try {
    const name = setup.name ?? await askName(prompt, setup.suggestedName, stopped);
    if (typeof name === "number") return name;
    messenger = new Messenger({ name, server: setup.server, listen: setup.listen });
    const quit = Promise.withResolvers<number>();
    const leave = () => quit.resolve(EXIT.done);
    console = new Console(messenger, face.emit, leave, () => face.typing());
    prompt?.start();
    try {
      hosted = await loginOrHost(messenger, setup, face);
    } catch (error) {
      console.report(error);
      if (!setup.stays && error instanceof ClientError) return exitCodeOf(error.code);
    }
    return await Promise.race([typed(console, face, setup, quit.promise), quit.promise, stopped]);
  } finally {
    await messenger?.quit();
    await hosted?.close();
    face.close();
  }
}

/** The line editor is loaded only where there is a terminal: it takes half of the start's time. */
async function newPrompt(current: () => Chat | undefined): Promise<PromptFace> {
  const { PromptFace } = await import("./terminal/prompt.ts");
  return new PromptFace(current);
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
    if (typeof answer !== "string") return answer ?? EXIT.done;
    try {
      return userName(answer.trim() === "" ? suggested : answer);
    } catch (error) {
      prompt.emit({ kind: "error", text: error instanceof Error ? error.message : String(error) });
    }
  }
}

/** Logs in; where no server was named and none answers here, runs one. */
async function loginOrHost(
  messenger: Messenger,
  { server, mayHost }: ChatSetup,
  face: Face,
): Promise<Hosted | undefined> {
  try {
    await messenger.login();
    return undefined;
  } catch (error) {
    const nobody = error instanceof ClientError && error.code === "server-unreachable";
    if (!mayHost || !nobody) throw error;
  }
  const hosted = await hostHere(server.port);
  if (hosted !== undefined) {
    face.emit({ kind: "hosting", address: hosted.address });
    face.emit({ kind: "note", text: hosted.joinLine });
  }
  await messenger.login();
  return hosted;
}

/** Runs a server; undefined where somebody else was faster, who then is the server. */
async function hostHere(port: number): Promise<Hosted | undefined> {
  const { host } = await import("./hosting.ts"); // and with it the server
  try {
    return await host(port);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw error;
  }
}

/**
 * Does what each line says, one after the other. The end of the lines ends the program; where there
 * never was a line, nobody ever was there to type, and only a signal ends it.
 */
async function typed(
  console: Console,
  face: Face,
  { lines }: ChatSetup,
  never: Promise<number>,
): Promise<number> {
  let any = lines === undefined;
  for await (const line of face.lines) {
    any = true;
    await console.run(line);
  }
  await console.sent();
  return any ? EXIT.done : await never;
}
