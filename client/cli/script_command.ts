import { displayName, sanitizeText, type ServerAddress } from "../../protocol/mod.ts";
import {
  type ClientEvent,
  DEFAULT_SERVER,
  describeError,
  describeOffer,
  doctor,
  type Emit,
  exitCodeOf,
  findServersByKey,
  isAnswering,
  isRoomQuery,
  isShown,
  matchFolded,
  MessageArchive,
  searchServers,
  toClientEvent,
  userPath,
} from "../app/mod.ts";
import { ClientError, type MessengerEvent, type MessengerOptions } from "../core/mod.ts";
import {
  type Account,
  downloadsDir,
  NoKeyError,
  openAccount,
  type Profile,
} from "../storage/mod.ts";
import { errorText, stdinLinesUpTo } from "../terminal/mod.ts";
import { askCommand, Question } from "./ask_command.ts";
import { CommandMessenger } from "./command_messenger.ts";
import { ProgressLine } from "./progress_line.ts";
import { receiveCommand } from "./receive_command.ts";
import { refuseAliases } from "./refuse_aliases.ts";
import { sendFilesCommand } from "./send_files_command.ts";
import { followCommand } from "./follow_command.ts";
import type { ClientOptions, ScriptTask } from "./options.ts";
import { sendCommand } from "./send_command.ts";
import { waitCommand } from "./wait_command.ts";
import { whoCommand } from "./who_command.ts";
import type { LineWriter } from "../../server/platform/cli/line_writer.ts";
import { UsageError } from "../../server/platform/cli/flags.ts";

/** A longer line of stdin is not kept in memory, in UTF-16 units. */
const MAX_LINE_LENGTH = 2 ** 20;

/** The events that commands show; the others are for those who stay. */
const SHOWN: readonly ClientEvent["type"][] = [
  ...["user", "users", "sent", "queued", "delivered", "room-sent"] as const,
  ...["message", "error", "note"] as const,
  ...["file-progress", "file-state", "file-sent"] as const,
];
/** Those that `receive` shows. */
const RECEIVED: readonly ClientEvent["type"][] = [
  ...["logged-in", "file-offered", "file-progress", "file-state", "file-received"] as const,
  ...["file-failed", "incoming-call", "disconnected", "error", "note"] as const,
];
/** Those that `follow` shows. */
const FOLLOWED: readonly ClientEvent["type"][] = [
  ...["logged-in", "message", "incoming-call", "call-ended", "calls-rejected"] as const,
  ...["edited", "deleted", "reacted", "room-action"] as const,
  ...["room-invited", "room-joined", "room-left", "room-changed"] as const,
  ...["room-message", "room-sent"] as const,
  ...["disconnected", "failed", "error", "note"] as const,
];

export interface ScriptCommandSetup extends
  Pick<
    ClientOptions,
    | "downloads"
    | "listen"
    | "otherServers"
    | "serverNamed"
    | "classic"
    | "keepsHistory"
    | "discovers"
  > {
  readonly task: ScriptTask;
  readonly server: ServerAddress | undefined;
  readonly name: string;
  /** Whether the user has given the name; else a similar one will do. */
  readonly isNameGiven: boolean;
  readonly profile: Profile;
  readonly emit: Emit;
  /** Whether the user has asked for events. */
  readonly writesEvents: boolean;
  readonly output: LineWriter;
}

/** Logs in, does one command and logs out; returns the exit code, on a signal that of `stopped`. */
export async function runScriptCommand(
  setup: ScriptCommandSetup,
  stopped: Promise<number>,
): Promise<number> {
  const { task, server = DEFAULT_SERVER, name, listen, serverNamed, profile } = setup;
  const shown = task.type === "follow" ? FOLLOWED : task.type === "receive" ? RECEIVED : SHOWN;
  // Only the answer is printed, unless events are wanted; errors go to stderr all the same.
  const isBare = task.type === "ask" && !setup.writesEvents;
  const emit: Emit = (event) => {
    if (shown.includes(event.type) && (!isBare || errorText(event) !== undefined)) {
      setup.emit(event);
    }
  };
  // A command that waits for messages keeps them as the chat does.
  const archive = task.type === "ask" || task.type === "follow" || task.type === "receive"
    ? new MessageArchive(
      profile,
      (text) => emit({ type: "note", text }),
      (text) => emit({ type: "error", text }),
    )
    : undefined;
  await using closing = new AsyncDisposableStack();
  closing.defer(() => archive?.close());
  let whyNoKey: string | undefined;
  const start = async () => {
    const loaded = closing.use(
      await open(setup, emit, archive, () => messenger.server, (why) => whyNoKey = why),
    );
    if (setup.keepsHistory) await archive?.open(profile.config.history);
    const offers = serverNamed || !setup.discovers || await isAnswering()
      ? []
      : (await searchServers({ store: loaded.store })).filter(({ isKnown }) => isKnown);
    return { loaded, offers, ignored: await archive?.ignored?.read() };
  };
  // Another program may have locked a file: a signal does not wait for it.
  const started = await Promise.race([start(), stopped]);
  if (typeof started === "number") return started;
  const { loaded, ignored, offers: [offer, ...otherOffers] } = started;
  const question = new Question();
  if (offer !== undefined) {
    emit({
      type: "note",
      text: `No server was named: using ${describeOffer(offer)}, which is known`,
    });
  }
  const messenger: CommandMessenger = new CommandMessenger(
    {
      name,
      listen: { ...listen, mayMove: task.type === "doctor" }, // the open client may have the port
      ...offer === undefined
        ? { server: [server, ...setup.otherServers], isDefaultServer: !serverNamed }
        : { server: offer.servers },
      ...setup.discovers && { findServers: findServersByKey },
      ...{ identity: loaded.identity, store: loaded.store },
      ...loaded.files && { files: loaded.files },
      ...ignored && { ignored },
      ...incomingOf(task, question),
      reconnect: ["follow", "receive", "send-files"].includes(task.type),
    },
    !setup.isNameGiven,
    otherOffers,
  );
  if (archive !== undefined) archive.threadNames.messenger = messenger;
  closing.defer(() => messenger.quit());
  const shownErrors = new WeakSet<ClientError>();
  messenger.subscribe((event) => {
    // `send` may call again; if it does not, it fails with this error.
    if (event.type === "error" && task.type === "send" && event.error.is("call-rejected")) return;
    if (!isShown(event) || isOfOtherRoom(event)) return;
    if (task.type === "send" && event.type === "room-sent") return; // it may come from elsewhere
    const shown = toClientEvent(event, "command");
    archive?.keep(shown, messenger.server);
    emit(shown);
    if (event.type === "error") shownErrors.add(event.error);
  });
  const report = (error: ClientError) => {
    if (!shownErrors.has(error)) emit({ type: "error", text: describeError(error, "command") });
  };
  try {
    await refuseAliases(task, profile);
    // Offers are withdrawn first.
    return await (task.type === "send-files" ? runTask() : Promise.race([runTask(), stopped]));
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    report(error);
    return exitCodeOf(error.code);
  }

  /** Whether it is none of those that `follow` was asked for. */
  function isOfOtherRoom(event: MessengerEvent): boolean {
    if (task.type !== "follow" || task.who === undefined || !("room" in event)) return false;
    return !isRoomQuery(task.who) || !messenger.rooms.named(task.who).includes(event.room);
  }

  function runTask(): Promise<number> {
    switch (task.type) {
      case "send": {
        const { to, text, options } = task;
        if (text !== undefined) return sendCommand(messenger, to, [text], options, report, emit);
        const { texts, empty } = stdinTexts(setup.output);
        return Promise.race([sendCommand(messenger, to, texts, options, report, emit), empty]);
      }
      case "ask":
        return askCommand(
          messenger,
          question,
          task,
          ({ text }) => isBare && setup.output.line(text.split("\n").map(sanitizeText).join("\n")),
          ({ name, text }) => {
            if (!isBare) return; // it is an event
            const earlier = `Written before: ${displayName(name)}: ${text}`;
            setup.emit({ type: "error", text: earlier });
          },
        );
      case "send-files": {
        const { to, paths, options } = task;
        const progress = new ProgressLine();
        const files = paths.map(userPath);
        const { show, end } = progress;
        return sendFilesCommand(messenger, to, files, options, show, report, stopped).finally(end);
      }
      case "receive":
        return receiveCommand(messenger, { ...task, into: task.into && userPath(task.into) });
      case "follow":
        return followCommand(messenger, task.who);
      case "wait":
        return waitCommand(messenger, task.who, task.seconds, emit);
      case "doctor":
        return doctor(messenger, emit, whyNoKey);
      case "who":
        return whoCommand(messenger, emit, task.part);
    }
  }
}

/** Decides from whom a command takes messages. Those of others wait for a program that takes them. */
function incomingOf(
  task: ScriptTask,
  question: Question,
): Pick<MessengerOptions, "takesMessages" | "acceptsCall"> {
  if (task.type === "ask") return { acceptsCall: question.isAsked };
  if (task.type !== "follow" && task.type !== "receive") return { takesMessages: false };
  const who = task.type === "follow" ? task.who : task.from;
  return who === undefined
    ? {}
    : { acceptsCall: (caller) => matchFolded(who, [caller]).length > 0 };
}

/** Opens the key and the contacts. A command proves the same key as the chat. */
async function open(
  { task, profile, classic, downloads }: ScriptCommandSetup,
  emit: Emit,
  archive: MessageArchive | undefined,
  server: () => ServerAddress,
  onNoKey: (reason: string) => void,
): Promise<Account> {
  const openAs = (classic: boolean) =>
    openAccount({
      profile,
      classic,
      files: { downloads: downloadsDir(downloads), resumes: task.type === "receive" },
      alarm: (text) => emit({ type: "error", text }),
      keep: (message) => archive?.keepIncoming(message, server()),
      actions: archive,
    });
  try {
    return await openAs(classic);
  } catch (error) {
    if (!(error instanceof NoKeyError) || task.type !== "doctor") throw error;
    onNoKey(error.reason); // everything else can still be examined
    return await openAs(true);
  }
}

/**
 * The lines of stdin, no faster than the output about them is read. The first is read at once, so that
 * nobody is called for nothing: `empty` rejects if there is none.
 */
function stdinTexts(
  output: LineWriter,
): { readonly texts: AsyncIterable<string>; readonly empty: Promise<never> } {
  const lines = stdinLinesUpTo(MAX_LINE_LENGTH)[Symbol.asyncIterator]();
  const { promise: empty, reject } = Promise.withResolvers<never>();
  const readFirst = async () => {
    for (;;) {
      const line = await lines.next();
      if (line.done) reject(new UsageError("Expected a text to send on stdin, got an empty one"));
      if (line.done || line.value.trim() !== "") return line;
    }
  };
  const first = readFirst();
  first.catch(reject);
  async function* read(): AsyncGenerator<string, void> {
    for (let line = await first; !line.done; line = await lines.next()) {
      await output.ready();
      yield line.value;
    }
  }
  return { texts: read(), empty };
}
