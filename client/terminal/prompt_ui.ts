import {
  displayName,
  displayRoom,
  sanitizeName,
  sanitizeText,
  shorten,
} from "../../protocol/mod.ts";
import {
  type ActiveChat,
  AutoAway,
  type ClientEvent,
  completePath,
  type Context,
  describeActive,
  FaceGuard,
  isNameable,
  isReachable,
  joinedRooms,
} from "../app/mod.ts";
import { recipientOf } from "../commands/mod.ts";
import type { Chat, Messenger } from "../core/mod.ts";
import { Notifications } from "./notifications.ts";
import { complete, type CompletionSource, LineEditor } from "./input/mod.ts";
import { EchoBuffer } from "./echo_buffer.ts";
import type { Frontend } from "./frontend.ts";
import { Scrollback } from "./scrollback.ts";
import {
  dim,
  formatBrief,
  isNamed,
  type LineOf,
  lineWith,
  named,
  NO_CHATS,
  roomNamed,
  TextLines,
  type View,
} from "./render/mod.ts";
import { TypingNotice, Typists } from "./typing.ts";

/** How many messages Tab lists. */
const MAX_LISTED_MESSAGES = 20;
/** How much of a name the prompt shows, in UTF-16 units. */
const MAX_PROMPT_NAME_WIDTH = 16;

/** The frontend for people: a prompt that stays at the bottom while lines appear above it. */
export class PromptUi implements Frontend {
  readonly inOrder = false;
  readonly #context: () => Context | undefined;
  readonly #line: LineOf;
  readonly #text: TextLines;
  readonly #notifications: Notifications;
  readonly #editor: LineEditor;
  /** The names of the last chats, the latest first. */
  #recent: string[] = [];
  #midnight: ReturnType<typeof setTimeout> | undefined;
  #started = false;
  readonly #guard = new FaceGuard((text) => this.#show({ type: "error", text }));
  readonly #echoBuffer = new EchoBuffer((event, arrived) =>
    this.#guard.run(event.type, () => this.#show(event, arrived))
  );
  readonly #autoAway = new AutoAway(() => this.#context()?.messenger);
  readonly #typingNotice = new TypingNotice();
  readonly #typists = new Typists(() => this.#prompt());
  readonly #scrollback = new Scrollback(() => this.#editor.rows);

  /** @param inputHistory the file for entered lines, if any */
  constructor(context: () => Context | undefined, colors: boolean, inputHistory?: string) {
    this.#context = context;
    this.#line = lineWith(colors);
    this.#text = new TextLines(colors);
    this.#editor = new LineEditor({
      interrupted: () => this.#editor.print(["/quit or Ctrl-D exits"]),
      erases: (line) => this.#comesBack(line),
      recipientOf: (line) => {
        const context = this.#context();
        return context && recipientOf(context, line);
      },
      complete: (line, cursor) => complete(line, cursor, this.#known()),
      findPeople: (start) => {
        const users = this.#context()?.messenger.users;
        return users?.isPartial ? users.search(start) : undefined;
      },
      chatKey: (number) => this.#goTo(number),
      cleared: () => this.#scrollback.clear(),
      touched: () => this.#touched(),
      historyFailed: (reason) =>
        this.emit({
          type: "note",
          text: `What you enter is not saved for later starts: ${reason}`,
        }),
    }, inputHistory);
    this.#notifications = new Notifications((bytes) => this.#editor.write(bytes));
  }

  get lines(): AsyncIterable<string> {
    return this.#lines();
  }

  isTyping(): boolean {
    return this.#editor.typing;
  }

  /** Asks one question, before the prompt is up; an exit code on Ctrl-C and Ctrl-D. */
  async ask(question: string): Promise<string | number> {
    return await this.#editor.ask(question);
  }

  /** Puts the prompt up. */
  start(): void {
    this.#started = true;
    this.#notifications.start();
    this.#autoAway.touch();
    this.#prompt();
    this.#waitForMidnight();
  }

  readonly emit = (event: ClientEvent): void => {
    this.#guard.run(event.type, () => this.#take(event));
  };

  #take(event: ClientEvent): void {
    if (this.#editor.closed && isFarewell(event)) return;
    if ("chat" in event) {
      const { name } = event.chat;
      this.#recent = [name, ...this.#recent.filter((each) => each !== name)].slice(0, 20);
    }
    if (event.type === "typing") this.#typists.set(event.chat, event.typing);
    if (event.type === "message" || event.type === "chat-closed") {
      this.#typists.set(event.chat, false);
    }
    if (event.type === "past" && event.again && this.#scrollback.has(event)) return;
    if (this.#echoBuffer.takes(event)) return;
    this.#show(event);
    const context = this.#context();
    if (context !== undefined) {
      this.#notifications.notify(event, context.activeChat, context.settings);
    }
    if (event.type !== "logged-in") return;
    void context?.messenger.users.ready.then(() => {
      if (!this.#editor.closed) {
        const { isPartial, total, size } = context.messenger.users;
        const others = isPartial ? Math.max(0, total - size) : 0;
        this.#guard.run("who is online", () => this.#editor.print(this.#text.arrived(others)));
      }
    });
  }

  /** @param arrived false for a sent message that was not delivered within a moment */
  #show(event: ClientEvent, arrived = true): void {
    const lines = this.#text.of(event, new Date(), this.#view());
    if (!arrived) lines.push(`${lines.pop() ?? ""} ${this.#line`${dim("(not delivered yet)")}`}`);
    this.#editor.print(lines);
    this.#scrollback.printed(lines, this.#editor.columns, event);
    this.#prompt();
  }

  /** A key was pressed: the user is present, and may be typing to a peer. */
  #touched(): void {
    if (!this.#started || this.#editor.closed) return;
    this.#autoAway.touch();
    this.#typingNotice.typed(this.#editor.line, this.#context()?.activeChat.current);
  }

  forget(name: string): number {
    return this.#editor.forget(name);
  }

  close(): void {
    this.#autoAway.stop();
    this.#typingNotice.close();
    this.#typists.stop();
    this.#echoBuffer.flush();
    clearTimeout(this.#midnight);
    if (!this.#editor.closed) this.#notifications.end();
    this.#editor.close();
  }

  #goTo(number: number): void {
    const context = this.#context();
    const chats = context?.messenger.chats.all ?? [];
    const chat = chats[number - 1];
    const room = context && joinedRooms(context.messenger)[number - 1 - chats.length];
    if (chat === undefined && room === undefined) {
      this.#editor.print([`There is no chat ${number}; /chats lists your chats`]);
      context?.activeChat.miss(`chat ${number}`, context.activeChat.target);
      return this.#prompt();
    }
    if (chat !== undefined) context?.activeChat.goTo(chat);
    else if (room !== undefined) {
      context?.activeChat.goToRoom(room).catch((error) => context.report(error));
    }
    this.#prompt();
  }

  #known(): CompletionSource {
    const context = this.#context();
    const { chats, users = [], calls } = context?.messenger ?? {};
    const others = [...users].filter(({ own }) => !own);
    const people = isNameable(isReachable(chats?.all ?? [], others), calls?.pending ?? []);
    return {
      ...{ people, recent: this.#recent, pathsFrom: completePath },
      whom: (who) => context?.users.whom(who, people),
      messages: () => this.#numbered(),
    };
  }

  /** The messages of this chat as a list shows them, the newest first; their numbers hold from now on. */
  #numbered(): string[] {
    const context = this.#context();
    const all = context?.messages.list(context.activeChat.target) ?? [];
    return all.slice(0, MAX_LISTED_MESSAGES).map(({ name, isOwn, text, isDeleted }, index) => {
      const what = isDeleted ? "(deleted)" : formatBrief(text);
      return this.#line`${String(index + 1).padStart(2)}  ${isOwn ? "you" : named(name)}: ${what}`;
    });
  }

  /** Puts a text into the line being typed. */
  fill(text: string): void {
    this.#editor.fill(text);
  }

  async *#lines(): AsyncGenerator<string, void> {
    for await (const line of this.#editor.lines) {
      yield line;
      this.#prompt(); // the target may have changed
    }
  }

  #view(): View {
    const context = this.#context();
    if (context === undefined) return NO_CHATS;
    const { activeChat: { current, room }, messenger, settings } = context;
    return {
      ...{ current, room },
      chats: messenger.chats.all,
      me: messenger.name,
      joins: settings.joins,
      get online() {
        return [...messenger.users]; // a long list is made only when it is needed
      },
    };
  }

  #prompt(): void {
    const context = this.#context();
    if (!this.#started || context === undefined) return;
    const { messenger, activeChat, lacksKey } = context;
    const state = { types: (chat: Chat) => this.#typists.has(chat), lacksKey };
    const show = () => this.#editor.prompt(promptOf(messenger, activeChat, this.#line, state));
    this.#guard.run("the prompt", show);
  }

  #waitForMidnight(): void {
    const now = new Date();
    const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
    this.#midnight = setTimeout(() => {
      this.#editor.print(this.#text.newDay(new Date()));
      this.#waitForMidnight();
    }, midnight.getTime() - now.getTime() + 1);
  }

  /** Whether a line appears again with its time once it is sent; otherwise it stays on the screen. */
  #comesBack(line: string): boolean {
    const text = !line.startsWith("/") || line.startsWith("//");
    const chat = this.#context()?.activeChat.current;
    return text && (chat?.state === "open" || chat?.identity !== undefined);
  }
}

/**
 * The prompt: the own name, the state of the connection, the current chat, and the unread messages of
 * others, as in `ada ▸ bob (2 more: carol 3)> `. With `lacksKey` it says that nothing is encrypted. Files
 * that are under way stand in front of it.
 */
export function promptOf(
  messenger:
    & Pick<Messenger, "name" | "state" | "availability" | "chats" | "rooms">
    & Partial<Pick<Messenger, "files">>,
  { target, unread }: Pick<ActiveChat, "target" | "unread">,
  line: LineOf,
  { types = () => false, lacksKey = false }: {
    readonly types?: (chat: Chat) => boolean;
    readonly lacksKey?: boolean;
  } = {},
): string {
  const { state: connection, availability } = messenger;
  const word = connection === "online" ? availability : connection;
  const words = [...lacksKey ? ["not encrypted"] : [], ...word === "online" ? [] : [word]];
  const state = words.length === 0 ? "" : ` (${words.join(", ")})`;
  const files = describeActive(messenger.files ?? []);
  const progress = files === "" ? "" : line`${dim(`[${files}]`)} `;
  const me = progress + line`${named(short(messenger.name))}${dim(state)}`;
  const more = elsewhere(messenger, target, unread);
  const others = more === "" ? "" : line` ${dim(`(${more})`)}`;
  switch (target?.type) {
    case "chat": {
      const { chat } = target;
      const now = {
        open: types(chat) ? " (typing)" : "",
        queued: " (not connected)",
        closed: " (inactive)",
      }[chat.state];
      const other = isNamed(chat, messenger.name) ? " (not you)" : "";
      const peer = line`${named(short(chat.name))}${dim(other + now)}`;
      return `${me} ▸ ${peer}${others}> `;
    }
    case "room": {
      const { label, state } = target.room;
      const now = state === "joined" ? "" : " (not a member)";
      return `${me} ▸ ${line`${roomNamed(short(label))}${dim(now)}`}${others}> `;
    }
    case "calling":
      return `${me} ▸ ${line`${named(short(target.name))}`} …${others}> `;
    case "missed":
    case undefined:
      return `${me}${others}> `;
  }
}

/** `2 more: carol 3`: how many other chats and rooms there are, and which have unread messages. */
function elsewhere(
  { chats, rooms }: Pick<Messenger, "chats" | "rooms">,
  target: ActiveChat["target"],
  unread: ReadonlyMap<Chat, number>,
): string {
  const joined = rooms.all.filter((room) =>
    room.state === "joined" && !(target?.type === "room" && target.room === room)
  );
  const others = joined.length +
    chats.all.filter((chat) => !(target?.type === "chat" && target.chat === chat)).length;
  if (others === 0) return "";
  const waiting = [
    ...[...unread].map(([chat, count]) => `${displayName(short(chat.name))} ${count}`),
    ...joined.flatMap(({ label, unread }) =>
      unread > 0 ? `${displayRoom(short(label))} ${unread}` : []
    ),
  ];
  const shown = waiting.slice(0, 3).join(", ") + (waiting.length > 3 ? ", …" : "");
  return `${others} more${shown === "" ? "" : `: ${shown}`}`;
}

function short(name: string): string {
  return shorten(sanitizeName(sanitizeText(name)), MAX_PROMPT_NAME_WIDTH);
}

/** Whether an event only confirms /quit. */
function isFarewell(event: ClientEvent): boolean {
  return event.type === "logged-out" || (event.type === "chat-closed" && event.by === "me");
}
