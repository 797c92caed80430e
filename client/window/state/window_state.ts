import {
  type ClientEvent,
  describeFailedAction,
  FaceGuard,
  isRoomEvent,
  isShown,
  type MessageArchive,
  type OfferedServer,
  People,
  type RoomEvent,
  showsPresence,
  toClientEvent,
  UNCERTIFIED_NOTE,
} from "../../app/mod.ts";
import type { Chat, Message, Messenger } from "../../core/mod.ts";
import { DEFAULT_SETTINGS } from "../../storage/mod.ts";
import { displayName } from "../../../protocol/mod.ts";
import { type Me, type Snapshot, type StateChange, VERSION, type Wording } from "../messages.ts";
import { ConversationUpdates } from "./conversation_updates.ts";
import { describeEvent, InfoLog } from "./info_log.ts";
import { ownState } from "./own_state.ts";
import { PendingCalls } from "./pending_calls.ts";
import { RoomConversations } from "./room_conversations.ts";
import { RequestDedupe } from "./request_dedupe.ts";
import { UserList } from "./user_list.ts";
import { transferRow, WindowFiles } from "./window_files.ts";
import { worded, wordingOf, wordingOfRoom } from "./wording.ts";

/** How often what has no events is looked at: attempts to reconnect, and what callers say. */
const WATCH_INTERVAL_MS = 500;
/** How long changes of the user list are collected before they are published. */
const BATCH_DELAY_MS = 25;

/** The whole state of the window, kept up to date by the messenger's events. */
export class WindowState {
  readonly messenger: Messenger;
  readonly archive: MessageArchive;
  readonly info = new InfoLog();
  readonly users: UserList;
  readonly conversations: ConversationUpdates;
  readonly rooms: RoomConversations;
  readonly calls: PendingCalls;
  readonly people: People;
  readonly dedupe = new RequestDedupe();
  readonly files: WindowFiles;
  readonly #guard = new FaceGuard((text) =>
    this.info.add("error", worded(text, "not-shown", { text }))
  );
  /** The servers that were found on the network, of which the user may choose one. */
  offers: readonly OfferedServer[] = [];
  /** The link that others join the server with; undefined at a classic server. */
  serverLink: () => string | undefined = () => this.messenger.serverLink;
  /** Why the user has no key; undefined if there is one. */
  noKeyReason: string | undefined;
  /** Why the last login failed; undefined while it has not. */
  loginProblem: Wording | undefined;
  readonly #listeners = new Set<(change: StateChange) => void>();
  #batch: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  /** The watch's last published value. */
  #watched = "";
  #isClosed = false;
  /** Whether the whole table has come since the login. */
  #hasTable = false;
  /** The server of which was said that it certifies nobody. */
  #uncertified: string | undefined;
  /** Whether the security of listed users may have changed since it was published. */
  #isSecurityStale = false;

  constructor(messenger: Messenger, archive: MessageArchive) {
    this.messenger = messenger;
    this.archive = archive;
    this.calls = new PendingCalls(messenger);
    this.files = new WindowFiles(messenger);
    const publish = (change: StateChange) => this.#publish(change);
    this.people = new People(messenger, archive);
    this.conversations = new ConversationUpdates(messenger, archive, this.people, publish);
    const knownKeys = () => this.conversations.knownKeys;
    this.users = new UserList(messenger, this.people, this.#guard, knownKeys);
    this.rooms = new RoomConversations(messenger, archive, publish);
    this.#guard.run("the chats", () => this.conversations.loadThreads());
    this.rooms.load().catch((error) => this.info.add("error", wordingOf(error)));
    this.info.onLine = (line) => this.#publish({ type: "info", line });
    messenger.subscribe((event) => {
      if (isRoomEvent(event)) return this.#guard.run(event.type, () => this.#onRoomEvent(event));
      if (event.type === "unlisted") {
        this.users.markChanged(event.user, "offline");
        return this.#scheduleUsers();
      }
      if (!isShown(event)) return;
      if (event.type !== "error") return this.handleEvent(toClientEvent(event, "window"));
      this.info.add("error", wordingOf(event.error));
      this.publishMe(); // it may have ended the attempts to reconnect
    });
    if (messenger.state === "online") this.#awaitTable();
  }

  /** Everything; what can't be shown of it is left out. */
  get snapshot(): Snapshot {
    const { users, conversations, rooms, calls } = this;
    const guard = this.#guard;
    this.#publishUsers();
    return {
      type: "snapshot",
      version: VERSION,
      me: this.#me,
      users: guard.run("the user list", () => users.rows) ?? [],
      chats: [...conversations.all, ...rooms.listed]
        .flatMap((one) => guard.run("a chat", () => one.head) ?? []),
      callers: guard.run("the waiting calls", () => calls.callers) ?? [],
      ignored: guard.run("the ignored users", () => calls.ignored) ?? [],
      info: this.info.lines,
      files: guard.run("the files", () => this.files.rows) ?? [],
      completed: this.dedupe.ids,
    };
  }

  /** Calls a listener for every later change of the snapshot. */
  subscribe(listener: (change: StateChange) => void): void {
    this.#listeners.add(listener);
  }

  /** The user leaves a chat that stays as it is: pages do. */
  leaveView(chat: number): void {
    this.#publish({ type: "left", chat });
  }

  publishMe(): void {
    this.#publish({ type: "me", me: this.#me });
  }

  /** Publishes how certain everybody's identity is. */
  publishSecurity(): void {
    this.#isSecurityStale = true;
    this.conversations.publishSecurity();
    this.#scheduleUsers();
  }

  /** Publishes what has changed about a contact besides their row of the table. */
  publishContact(key: string): void {
    if (key === "") return;
    this.users.markContact(key);
    this.#scheduleUsers();
  }

  publishIgnored(): void {
    this.#publish({ type: "ignored", ignored: this.calls.ignored });
  }

  publishCallers(): void {
    this.#publish({ type: "callers", callers: this.calls.callers });
  }

  /** Handles an event of the messenger, or of the program around it. */
  readonly handleEvent = (event: ClientEvent): void => {
    this.#guard.run(event.type, () => this.#handle(event));
    if (!this.#isClosed && this.#mustWatch) {
      this.#watch ??= setInterval(() => this.#look(), WATCH_INTERVAL_MS);
    }
  };

  get #mustWatch(): boolean {
    return this.messenger.state === "reconnecting" || this.messenger.calls.pending.length > 0;
  }

  /** A server that certifies nobody is said once, and not at each user. */
  #noteUncertified(): void {
    const { trust, serverId } = this.messenger;
    if (trust.serverCertifies || this.#uncertified === serverId) return;
    this.#uncertified = serverId;
    this.info.add("info", worded(UNCERTIFIED_NOTE, "uncertified"));
  }

  #awaitTable(): void {
    void this.messenger.users.ready.then(() => {
      this.#hasTable = this.messenger.state === "online";
      this.publishMe();
      this.rooms.publishPeople();
    });
  }

  /** Says in the info text who comes and goes, as the setting `joins` asks for. */
  #notePresence(event: Extract<ClientEvent, { readonly type: "online" | "offline" }>): void {
    const { joins = DEFAULT_SETTINGS.joins } = this.archive.profile.config;
    const { user } = event;
    // At the login everybody in the table comes at once.
    if (!this.#hasTable || user.own || (event.type === "online" && event.isFound)) return;
    const hasChat = (name: string) => this.conversations.all.some((each) => each.name === name);
    if (!showsPresence(joins, user, hasChat, this.messenger.users)) return;
    const { name } = user;
    this.info.add(
      "info",
      worded(`${displayName(name)} is ${event.type}`, `user-${event.type}`, { name }),
    );
  }

  /** Publishes what has changed without an event. */
  #look(): void {
    const { nextReconnectAt, state } = this.messenger;
    const said = this.messenger.calls.pending.map(({ waiting }) => waiting);
    const now = `${state} ${nextReconnectAt?.getTime()} ${said.join(" ")}`;
    if (now !== this.#watched) {
      this.#watched = now;
      this.publishMe();
      this.publishCallers();
    }
    if (this.#mustWatch) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  #handle(event: ClientEvent): void {
    const line = describeEvent(event, this.messenger.trust.contacts);
    if (line !== undefined) this.info.add(line.type, line.words);
    this.archive.keep(event, this.messenger.server);
    if (!this.#isClosed) this.people.update(event);
    switch (event.type) {
      case "online":
      case "offline":
        this.conversations.onPresence(event.user, event.type === "offline");
        this.#notePresence(event);
        this.users.markChanged(event.user, event.type);
        return this.#scheduleUsers();
      case "presence":
        this.users.markChanged(event.user, event.type);
        return this.#scheduleUsers();
      case "connected":
        return this.publishMe();
      case "logged-in":
        this.loginProblem = undefined;
        this.publishMe();
        if (this.messenger.serverId !== undefined) this.#noteUncertified();
        // Until the server has sent the whole table, the list is that of the last session.
        this.#awaitTable();
        return this.publishSecurity();
      case "logged-out":
        this.#hasTable = false;
        this.publishMe();
        return this.#scheduleUsers();
      case "disconnected":
        this.publishMe();
        return this.#scheduleUsers();
      case "note":
        if (event.about === undefined) return;
        this.conversations.onNote(
          event.about,
          event.words === undefined
            ? worded(event.text, "program-note", { text: event.text })
            : worded(event.text, event.words.code, event.words.values),
        );
        return this.publishSecurity(); // a note about a chat may say that its key has changed
      case "chat-opened":
        this.conversations.onOpened(event.chat);
        if (event.chat.identity !== undefined) this.publishSecurity();
        return;
      case "message":
        this.conversations.onReceived(event.chat, event.message);
        return this.#meet(event.chat);
      case "sent":
        this.conversations.onSent(event.chat, event.message);
        return this.#meet(event.chat);
      case "queued":
        this.publishContact(event.message.identity?.toHex() ?? "");
        this.conversations.onDelivery(event.message);
        return;
      case "delivered":
        this.#noteDelivered(event.message);
        this.conversations.onDelivery(event.message);
        return;
      case "failed": {
        this.#noteDelivered(event.message);
        const { reason, message: { name, text } } = event;
        if (this.conversations.onDelivery(event.message)) return;
        if (event.message.action !== undefined) {
          const what = describeFailedAction(event.message, reason);
          this.info.add("error", worded(what, "action-failed", { name, reason }));
          return;
        }
        const what = `Not delivered to ${displayName(name)}, ${reason}: ${text}`;
        this.info.add("error", worded(what, "not-delivered", { name, reason, text }));
        return;
      }
      case "file-offered":
      case "file-progress":
      case "file-state":
      case "file-received":
      case "file-sent":
      case "file-failed":
        return this.#publish({ type: "file", file: transferRow(event.transfer) });
      case "typing":
        return this.conversations.onTyping(event.chat, event.typing);
      case "edited":
      case "deleted":
      case "reacted":
        return this.conversations.onAction(event);
      case "seen":
        return this.conversations.onSeen(event.chat, event.id);
      case "chat-closed":
        return this.conversations.onClosed(event.chat, event.by);
      case "incoming-call":
      case "call-ended":
        return this.publishCallers();
    }
  }

  /** One message less waits, if it did. */
  #noteDelivered({ identity }: Message): void {
    const key = identity?.toHex() ?? "";
    if (this.users.hasWaiting(key)) this.publishContact(key);
  }

  #onRoomEvent(event: RoomEvent): void {
    this.rooms.onEvent(event);
    if (event.type === "room-message" || event.type === "room-sent") return;
    const wording = wordingOfRoom(event);
    if (wording !== undefined) this.info.add("info", wording);
  }

  #meet(chat: Chat): void {
    if (this.conversations.meet(chat)) this.publishSecurity();
  }

  /** Stops publishing the user list, which needs the contacts. Events are still stored. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#batch);
    clearInterval(this.#watch);
  }

  get #me(): Me {
    const { messenger, archive, loginProblem, offers, noKeyReason } = this;
    return ownState(messenger, archive, { loginProblem, offers, noKeyReason });
  }

  #publish(change: StateChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  #scheduleUsers(): void {
    if (this.#isClosed) return;
    this.#batch ??= setTimeout(() => this.#publishUsers(), BATCH_DELAY_MS);
  }

  #publishUsers(): void {
    clearTimeout(this.#batch);
    this.#batch = undefined;
    this.#guard.run("the user list", () => {
      const { changed, removed } = this.users.takeChanges(this.#isSecurityStale);
      this.#isSecurityStale = false;
      if (changed.length === 0 && removed.length === 0) return;
      this.#publish({ type: "users", changed, removed });
    });
  }
}
