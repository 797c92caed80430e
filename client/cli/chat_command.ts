import { reasonOf } from "../../server/platform/util/errors.ts";
import { formatAddress, isLoopback, shortAddress } from "../../protocol/mod.ts";
import {
  Context,
  EXIT,
  exitCodeOf,
  isAnswering,
  type LoginOptions,
  type OfferedServer,
  type RunningClient,
  searchServers,
  startClient,
  type StartupOptions,
} from "../app/mod.ts";
import { isYes, NO_KEY_QUESTION } from "./no_key_question.ts";
import { dispatch } from "../commands/mod.ts";
import { ClientError } from "../core/mod.ts";
import { NoKeyError, type Profile } from "../storage/mod.ts";
import { type Frontend, openPrompt, type PromptUi } from "../terminal/mod.ts";
import { type SetupAnswers, type SetupDefaults, setupPrompt } from "./setup_prompt.ts";

export interface ChatSetup extends SetupDefaults, Omit<LoginOptions, keyof SetupDefaults> {
  readonly profile: Profile;
  /** The face for scripts; undefined on a terminal. */
  readonly lines: Frontend | undefined;
  /** Whether to log in at once; a script, and a user who was just asked, always do. */
  readonly enters: boolean;
  /** Whether a person types the lines: then a failed first login does not end the program. */
  readonly typed: boolean;
}

/** Chats until /quit, the end of the input, or a signal, whose exit code `stopped` gives. */
export async function chat(setup: ChatSetup, stopped: Promise<number>): Promise<number> {
  let context: Context | undefined;
  const prompt = setup.lines === undefined ? await newPrompt(setup, () => context) : undefined;
  const frontend = setup.lines ?? prompt;
  if (frontend === undefined) throw new TypeError("expected a frontend");
  const { emit } = frontend;
  let client: RunningClient | undefined;
  try {
    const searching = prompt && setup.name === undefined ? searchAround(setup) : undefined;
    const answers = await setupPrompt(prompt, setup, searching, stopped);
    if (typeof answers === "number") return answers;
    const isServerChosen = answers.asked.includes("server");
    const { profile } = setup;
    const onOffers = prompt && ((offers: readonly OfferedServer[]) => context?.offer(offers));
    const face = "terminal" as const;
    const options = {
      ...setup,
      ...answers,
      face,
      emit,
      isServerChosen,
      ...onOffers && { onOffers },
    };
    const started = await startOrAsk(options, prompt, stopped);
    if (typeof started === "number") return started;
    client = started;
    if (profile.folder === undefined) {
      prompt?.emit({ type: "note", text: `Nothing is saved: ${profile.whyNot}` });
    }
    if (started.whyNoKey !== undefined) {
      const text = `Encryption is off, and you have no key: ${started.whyNoKey}`;
      emit({ type: "note", text });
    }
    const quit = Promise.withResolvers<number>();
    context = newContext(started, frontend, prompt, () => quit.resolve(EXIT.done));
    context.assertUnlocked = (key) => profile.assertUnlocked(key);
    context.lacksKey = started.whyNoKey !== undefined && !setup.classic;
    context.listen = formatListen(setup.listen) ?? context.listen;
    rememberAnswers(answers, profile, context);
    warnIfUnreachable(setup.listen.hostname, context);
    prompt?.start();
    if (prompt !== undefined) void context.noteUnread();
    const enters = setup.enters || answers.asked.length > 0 || prompt === undefined;
    if (!enters) context.note("Not logged in, as /set autologin off says; /login logs in");
    const loggingIn = enters ? context.login(() => started.login()) : Promise.resolve();
    const working = run(context, frontend, setup.typed, loggingIn, quit.promise);
    return await Promise.race([working, quit.promise, stopped]);
  } finally {
    context?.leave();
    frontend.close();
    await client?.[Symbol.asyncDispose]();
  }
}

/** Looks for servers that the user may choose, unless one is named or answers on this machine. */
async function searchAround({ server, discovers }: ChatSetup): Promise<readonly OfferedServer[]> {
  if (server !== undefined || !discovers || await isAnswering()) return [];
  return await searchServers();
}

/**
 * Starts the client. If there can be no key, asks whether to chat without encryption.
 *
 * @returns an exit code if the user declines, or if a signal comes first
 * @throws {NoKeyError} if there is nobody to ask
 */
async function startOrAsk(
  options: StartupOptions,
  prompt: PromptUi | undefined,
  stopped: Promise<number>,
): Promise<RunningClient | number> {
  try {
    return await Promise.race([startClient(options), stopped]);
  } catch (error) {
    if (!(error instanceof NoKeyError) || prompt === undefined) throw error;
    prompt.emit({ type: "error", text: error.message });
    const answer = await Promise.race([prompt.ask(NO_KEY_QUESTION), stopped]);
    if (typeof answer === "number") return answer;
    if (!isYes(answer)) return EXIT.usage;
    const started = await Promise.race([startClient({ ...options, classic: true }), stopped]);
    return typeof started === "number" ? started : { ...started, whyNoKey: error.reason };
  }
}

function newContext(
  client: RunningClient,
  frontend: Frontend,
  prompt: PromptUi | undefined,
  quit: () => void,
): Context {
  const { messenger, archive, whyNoKey, settings } = client;
  const context = new Context(messenger, {
    emit: frontend.emit,
    isTyping: () => frontend.isTyping(),
    quit,
  });
  context.archive = archive;
  context.serverLink = () => client.serverLink();
  context.logIn = (name) => client.login(name);
  context.whyNoKey = whyNoKey;
  context.activeChat.recallsLines = context.activeChat.showsTarget = prompt !== undefined;
  context.fillLine = (text) => {
    prompt?.fill(text);
    return prompt !== undefined;
  };
  context.forgetTyped = (name) => prompt?.forget(name) ?? 0;
  context.apply(settings);
  return context;
}

function newPrompt(
  { profile: { folder, config }, keepsHistory }: ChatSetup,
  context: () => Context | undefined,
): Promise<PromptUi> {
  const keeps = folder !== undefined && keepsHistory && config.history !== false;
  return openPrompt(context, keeps ? `${folder}/input.history` : undefined);
}

/** Writes the answers to the config file after the first login: then they have proved right. */
function rememberAnswers({ asked }: SetupAnswers, profile: Profile, context: Context): void {
  if (asked.length === 0 || profile.folder === undefined) return;
  const { messenger } = context;
  const unsubscribe = messenger.subscribe((event) => {
    if (event.type !== "logged-in") return;
    unsubscribe();
    const server = asked.includes("server") ? { server: shortAddress(messenger.server) } : {};
    profile.set({ ...server, name: event.name }).catch((error) =>
      context.note(
        `Your name could not be saved: ${reasonOf(error)}`,
      )
    );
  });
}

/** The address for peers, as `--listen` takes it; undefined for the default. */
function formatListen({ hostname, port }: LoginOptions["listen"]): string | undefined {
  if (hostname === undefined) return port === undefined ? undefined : `:${port}`;
  return port === undefined ? hostname : formatAddress(hostname, port);
}

/** Warns a user who listens at a loopback address but is connected to a server elsewhere. */
function warnIfUnreachable(listening: string | undefined, context: Context): void {
  if (listening === undefined || !(isLoopback(listening) || listening === "localhost")) return;
  context.messenger.subscribe((event) => {
    if (event.type !== "connected" || isLoopback(event.address)) return;
    context.note(`Only this machine can call you: --listen ${listening} is not on the network`);
  });
}

/** Repeats a first login until the server answers. */
function retryLogin(context: Context): void {
  const { messenger } = context;
  if (messenger.state !== "offline") return; // the user has tried something else meanwhile
  messenger.startReconnecting((error) => context.report(error));
  context.note("MIM keeps trying until the server answers; /logout stops it");
}

/**
 * Does what each line says. Scripts get one line done after the other; people may want something else
 * before the last is done. The end of the lines ends the program; if nobody has typed any and nobody
 * can, only a signal does.
 */
async function run(
  context: Context,
  { lines, inOrder }: Frontend,
  typed: boolean,
  loggingIn: Promise<void>,
  quit: Promise<number>,
): Promise<number> {
  let failed: number | undefined;
  const loggedIn = loggingIn.catch((error) => {
    context.report(error);
    if (!(error instanceof ClientError)) return;
    if (!typed) failed = exitCodeOf(error.code);
    else if (error.code === "server-unreachable") retryLogin(context);
  });
  if (inOrder) await loggedIn;
  if (failed !== undefined) return failed;
  let hasLines = typed;
  const running = Promise.withResolvers<never>();
  loggedIn.catch(running.reject);
  const readLines = async () => {
    for await (const line of lines) {
      hasLines = true;
      const isAccepted = context.isOfferPending && line.trim() === "";
      const done = dispatch(context, isAccepted ? "/server 1" : line);
      if (inOrder) await done;
      else done.catch(running.reject);
    }
  };
  await Promise.race([readLines(), running.promise]);
  if (inOrder) await context.activeChat.sender.flushed();
  return hasLines ? EXIT.done : await quit;
}
