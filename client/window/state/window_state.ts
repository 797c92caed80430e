import type { Chat, Messenger } from "../../core/mod.ts";
import {
  chatWarning,
  type ClientEvent,
  type MessageArchive,
  toClientEvent,
} from "../../app/mod.ts";
import { sanitizeText, shortAddress } from "../../../protocol/mod.ts";
import { PendingCalls } from "./pending_calls.ts";
import { type Me, type Snapshot, type StateChange, VERSION } from "../messages.ts";
import { ConversationUpdates } from "./conversation_updates.ts";
import { RequestDedupe } from "./request_dedupe.ts";
import { describeEvent, InfoLog } from "./info_log.ts";
import { UserList } from "./user_list.ts";
import { shownWhere } from "./view_rows.ts";

/** How long changes of the online list gather before pages are told of them, in milliseconds. */
const BATCH_DELAY_MS = 25;

/** All that the window shows, kept up to date with what the messenger tells. */
export class WindowState {
  readonly messenger: Messenger;
  readonly memory: MessageArchive;
  readonly people: UserList;
  readonly info = new InfoLog();
  readonly dialogs: ConversationUpdates;
  /** Who calls and waits, and who is ignored. */
  readonly door: PendingCalls;
  /** What pages have asked for. */
  readonly done = new RequestDedupe();
  /** Why the user has no key; undefined where there is one. */
  noKey: string | undefined;
  readonly #tell: (change: StateChange) => void;
  #gathering: ReturnType<typeof setTimeout> | undefined;
  /** Whether what is known of those who stay may have changed since pages were told. */
  #pinsChanged = false;

  /** @param tell hands a change to every page */
  constructor(messenger: Messenger, memory: MessageArchive, tell: (change: StateChange) => void) {
    this.messenger = messenger;
    this.memory = memory;
    this.#tell = tell;
    this.door = new PendingCalls(messenger);
    this.dialogs = new ConversationUpdates(
      (name, before, count) => memory.page(name, before, count),
      {
        tell,
        met: () => this.showPins(),
        where: (chat) => this.#where(chat),
        doubt: (chat) => chatWarning(messenger, chat),
      },
    );
    this.people = new UserList((user) =>
      user.pin === undefined
        ? messenger.securityOf(user)
        : user.pin.verified
        ? "verified"
        : "pinned"
    );
    messenger.subscribe((event) => this.emit(toClientEvent(event, "window")));
  }

  /** All that a page shows. */
  get snapshot(): Snapshot {
    this.#showPeople();
    return {
      type: "state",
      version: VERSION,
      me: this.me,
      users: this.people.rows,
      chats: this.dialogs.snapshot,
      callers: this.door.callers,
      ignored: this.door.ignored,
      info: this.info.lines,
      done: this.done.refs,
    };
  }

  /** How the user is online. */
  get me(): Me {
    const { name, server, state, staleSince, strangers } = this.messenger;
    const { availability, status, serverId } = this.messenger;
    return {
      name,
      server: shortAddress(server),
      state,
      ...(staleSince === undefined ? {} : { staleSince: staleSince.getTime() }),
      availability,
      status,
      canTell: serverId !== undefined,
      strangers,
      serverChanged: state === "offline" && this.messenger.serverChanged,
      ...(this.noKey === undefined ? {} : { noKey: sanitizeText(this.noKey) }),
      ...(this.memory.whyNot === undefined ? {} : { notKept: sanitizeText(this.memory.whyNot) }),
    };
  }

  /** Tells pages how the user is online. */
  showMe(): void {
    this.#tell({ type: "me", me: this.me });
  }

  /** Tells pages how sure it is who everybody is. */
  showPins(): void {
    this.#pinsChanged = true;
    this.dialogs.showPins();
    this.#gather();
  }

  /** Tells pages who is ignored. */
  showIgnored(): void {
    this.#tell({ type: "ignored", ignored: this.door.ignored });
  }

  /** Takes in what the messenger, or the program around it, tells. */
  readonly emit = (event: ClientEvent): void => {
    const info = describeEvent(event, (chat) => this.#where(chat));
    if (info !== undefined) this.say(info.type, info.text);
    this.memory.keep(event, this.messenger.server);
    switch (event.type) {
      case "online":
      case "offline":
        this.dialogs.moved(event.user);
        return this.#gather();
      case "presence":
        return this.#gather();
      case "connected":
      case "error": // it may have been the end of all attempts to come back
        return this.showMe();
      case "logged-in":
        this.showMe();
        // The list is that of before until the table is in, which may be the same.
        void this.messenger.settled().then(() => this.showMe());
        return this.showPins();
      case "logged-out":
      case "disconnected":
        this.showMe();
        return this.#gather();
      case "chat-opened":
        return this.dialogs.opened(event.chat);
      case "message":
        return this.dialogs.received(event.chat, event.message);
      case "sent":
        return this.dialogs.sent(event.chat, event.message);
      case "queued":
      case "delivered":
        return void this.dialogs.changed(event.message);
      case "failed": {
        const { reason, message } = event;
        if (this.dialogs.changed(message)) return;
        return this.say("error", `Not delivered to ${message.name}, ${reason}: ${message.text}`);
      }
      case "typing":
        return this.dialogs.typing(event.chat, event.typing);
      case "chat-closed":
        return this.dialogs.closed(event.chat, event.by);
      case "incoming-call":
        this.door.waits(event.caller, event.left);
        return this.showCallers();
      case "call-ended":
        return this.showCallers();
    }
  };

  /** Puts a line into the info area. */
  say(type: "welcome" | "info" | "error", text: string): void {
    this.#tell({ type: "info", line: this.info.add(type, text) });
  }

  /** Tells pages who waits. */
  showCallers(): void {
    this.#tell({ type: "callers", callers: this.door.callers });
  }

  /** Ends what is under way. */
  close(): void {
    clearTimeout(this.#gathering);
  }

  #where(chat: Chat): string {
    return shownWhere(chat, this.messenger.contacts);
  }

  #gather(): void {
    this.#gathering ??= setTimeout(() => this.#showPeople(), BATCH_DELAY_MS);
  }

  #showPeople(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    const { online, contacts } = this.messenger;
    const { add, gone } = this.people.update(online, contacts, this.#pinsChanged);
    this.#pinsChanged = false;
    if (add.length > 0 || gone.length > 0) this.#tell({ type: "users", add, gone });
  }
}
