import { formatAddress, isLoopback, shortAddress } from "../../protocol/mod.ts";
import {
  Context,
  EmbeddedServer,
  EXIT,
  exitCodeOf,
  isDefaultServer,
  loginOrHost,
  MessageArchive,
} from "../app/mod.ts";
import { ClientError, type Incoming, Messenger } from "../core/mod.ts";
import { dispatch } from "../commands/mod.ts";
import { type Frontend, openPrompt, type PromptUi } from "../terminal/mod.ts";
import { type SetupAnswers, type SetupDefaults, setupPrompt } from "./setup_prompt.ts";
import { type LoadedIdentity, loadIdentity, type Profile, settingsOf } from "../storage/mod.ts";
import type { ClientOptions } from "./options.ts";

/** What of the command line it needs. */
type Flag = "listen" | "keepsHistory" | "mayHost" | "serverNamed" | "classic";

/** What the interactive client starts with. */
export interface ChatSetup extends SetupDefaults, Pick<ClientOptions, Flag> {
  readonly profile: Profile;
  /** The face for scripts; undefined on a terminal. */
  readonly lines: Frontend | undefined;
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
  let console: Context | undefined;
  const prompt = setup.lines === undefined ? await newPrompt(() => console, setup) : undefined;
  const face = setup.lines ?? prompt;
  if (face === undefined) throw new TypeError("expected a face");
  let local: EmbeddedServer | undefined;
  let messenger: Messenger | undefined;
  let memory: MessageArchive | undefined;
  let key: LoadedIdentity | undefined;
  try {
    const answers = await setupPrompt(prompt, setup, stopped);
    if (typeof answers === "number") return answers;
    const { name, server } = answers;
    const { listen, profile } = setup;
    if (profile.folder === undefined) {
      prompt?.emit({ type: "note", text: `nothing is kept: ${profile.whyNot}` });
    }
    const kept = memory = await openArchive(setup, face);
    const own = key = await openKey(
      setup,
      face,
      (message) => kept.keepIncoming(message, messenger?.server ?? server),
    );
    const ignored = await kept.ignored();
    const knows = (name: string, address: string) => kept.knows(name, address);
    const mayHost = setup.mayHost && isDefaultServer(server);
    const hosted = new EmbeddedServer(server.port, (event) => face.emit(event), profile.folder);
    local = hosted;
    // Where the server was on this machine and is gone, this program takes its place.
    const takeOver = async () => {
      if (messenger?.server === server) await hosted.start();
    };
    const reconnect = !mayHost || takeOver;
    const unnamedServer = !setup.serverNamed && isDefaultServer(server);
    const { identity, store } = own;
    messenger = new Messenger({
      ...{ name, server, unnamedServer, listen, reconnect, ignored, knows },
      ...{ identity, store },
    });
    const quit = Promise.withResolvers<number>();
    const leave = () => quit.resolve(EXIT.done);
    const open = console = new Context(messenger, face.emit, leave, () => face.typing());
    open.memory = memory;
    open.noKey = own.whyNot;
    open.front.replays = open.front.showsTarget = prompt !== undefined;
    open.forgetTyped = (name) => prompt?.forget(name) ?? 0;
    open.listen = describeSecurity(listen) ?? open.listen;
    open.apply(settingsOf(profile.config));
    rememberAnswers(answers, profile, open);
    messenger.subscribe((event) => {
      if (event.type === "connected") warnOfLoopback(listen.hostname, event.address, open);
    });
    prompt?.start();
    const enter = () => loginOrHost(open.messenger, mayHost, hosted);
    const entering = open.enter(enter);
    const working = oneAtATime(open, face, setup, entering, quit.promise);
    return await Promise.race([working, quit.promise, stopped]);
  } finally {
    console?.leave();
    face.close();
    try {
      await messenger?.quit();
      await local?.close();
    } finally {
      if (messenger !== undefined) await memory?.keepIgnored(messenger.ignored);
      await memory?.close();
      key?.[Symbol.dispose]();
    }
  }
}

/** The prompt for people. */
function newPrompt(
  console: () => Context | undefined,
  { profile: { folder, config }, keepsHistory }: ChatSetup,
): Promise<PromptUi> {
  const keeps = folder !== undefined && keepsHistory && config.history !== false;
  return openPrompt(console, keeps ? `${folder}/input.history` : undefined);
}

/** What is remembered, which begins to keep what is said. */
async function openArchive(
  { profile, keepsHistory }: ChatSetup,
  { emit }: Frontend,
): Promise<MessageArchive> {
  const memory = new MessageArchive(profile, (text) => emit({ type: "note", text }));
  if (keepsHistory) await memory.open(profile.config.history);
  return memory;
}

/** The user's own key, and those of others. Where there is none, a person at a terminal is told. */
async function openKey(
  { profile, classic }: ChatSetup,
  { emit }: Frontend,
  keep: (message: Incoming) => boolean | undefined,
): Promise<LoadedIdentity> {
  const alarm = (text: string) => emit({ type: "error", text });
  const key = await loadIdentity({ profile, classic, makes: true, alarm, keep });
  if (key.whyNot !== undefined) {
    emit({ type: "note", text: `nothing will be encrypted, and you prove no key: ${key.whyNot}` });
  }
  return key;
}

/** Has what was asked for written down as soon as a login has shown that it is right. */
function rememberAnswers({ asked }: SetupAnswers, profile: Profile, console: Context): void {
  if (asked.length === 0 || profile.folder === undefined) return;
  const { messenger } = console;
  const unsubscribe = messenger.subscribe((event) => {
    if (event.type !== "logged-in") return;
    unsubscribe();
    const server = asked.includes("server") ? { server: shortAddress(messenger.server) } : {};
    profile.set({ ...server, name: event.name }).catch((error) =>
      console.note(`your name is not remembered: ${error instanceof Error ? error.message : error}`)
    );
  });
}

/** Where peers reach this client, as `--listen` takes it; undefined where nothing is said. */
function describeSecurity({ hostname, port }: ChatSetup["listen"]): string | undefined {
  if (hostname === undefined) return port === undefined ? undefined : `:${port}`;
  return port === undefined ? hostname : formatAddress(hostname, port);
}

/** Whoever listens at a loopback address alone can't be called from elsewhere: better said. */
function warnOfLoopback(listening: string | undefined, server: string, console: Context): void {
  if (listening === undefined || isLoopback(server)) return;
  if (!isLoopback(listening) && listening !== "localhost") return;
  console.note(`only this machine can call you: --listen ${listening} is not on the network`);
}

/** Has a first login tried again until the server answers. */
function keepTrying(console: Context): void {
  const { messenger } = console;
  if (messenger.state !== "offline") return; // somebody has tried something else meanwhile
  messenger.keepTrying((error) => console.report(error));
  console.note("it is tried again by itself until somebody answers; /logout ends that");
}

/**
 * Logs in, and does what each line says: one after the other for scripts, at once for people, who may
 * want something else before the last is done. The end of the lines ends the program; where there
 * never was a line, and nobody there to type one, only a signal does.
 *
 * @returns the exit code
 */
async function oneAtATime(
  console: Context,
  face: Frontend,
  { typed }: ChatSetup,
  entering: Promise<unknown>,
  never: Promise<number>,
): Promise<number> {
  let failed: number | undefined;
  const entered = entering.then(() => {}, (error) => {
    console.report(error);
    if (!(error instanceof ClientError)) return;
    if (!typed) failed = exitCodeOf(error.code);
    else if (error.code === "server-unreachable") keepTrying(console);
  });
  if (face.inOrder) await entered;
  if (failed !== undefined) return failed;
  let any = typed;
  const running = Promise.withResolvers<never>();
  entered.catch(running.reject);
  const lines = async () => {
    for await (const line of face.lines) {
      any = true;
      const done = dispatch(console, line);
      if (face.inOrder) await done;
      else done.catch(running.reject);
    }
  };
  await Promise.race([lines(), running.promise]);
  if (face.inOrder) await console.sending.sent();
  return any ? EXIT.done : await never;
}
