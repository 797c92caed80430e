import { displayName, shortAddress } from "../../../protocol/mod.ts";
import { qrRows } from "../../../server/platform/cli/qr_code.ts";
import { acceptKey, ignoreTargetOf } from "../../app/mod.ts";
import { ClientError, type IgnorablePeer, randomMessageId } from "../../core/mod.ts";
import type { Profile } from "../../storage/mod.ts";
import type { Request, RequestResult } from "../messages.ts";
import {
  type Conversation,
  RequestError,
  Search,
  type WindowState,
  worded,
  wordingOf,
} from "../state/mod.ts";
import type { UploadedFile } from "./uploaded_file.ts";
import { AdminRequests } from "./admin_requests.ts";
import { type Answer, CallRequests } from "./call_requests.ts";
import { MessageRequests } from "./message_requests.ts";
import { RoomRequests } from "./room_requests.ts";
import { SettingRequests } from "./setting_requests.ts";

/** How many messages a page can load at once. */
const MAX_OLDER_MESSAGES = 1_000;

/** Carries out the requests of pages. */
export class RequestHandler {
  readonly #state: WindowState;
  readonly #profile: Profile;
  readonly #login: (name: string, server: string) => Promise<void>;
  readonly #calls: CallRequests;
  readonly #admin: AdminRequests;
  readonly #settings: SettingRequests;
  readonly #messages: MessageRequests;
  readonly #rooms: RoomRequests;
  readonly #search: Search;

  /** @param login logs in to a server as it was typed, and hosts it if need be */
  constructor(
    state: WindowState,
    profile: Profile,
    login: (name: string, server: string) => Promise<void>,
  ) {
    this.#state = state;
    this.#profile = profile;
    this.#login = login;
    this.#calls = new CallRequests(state);
    this.#admin = new AdminRequests(state);
    this.#settings = new SettingRequests(state, profile);
    this.#messages = new MessageRequests(state, this.#calls);
    this.#rooms = new RoomRequests(state);
    this.#search = new Search(state.archive);
  }

  /**
   * Carries out a request; never rejects. What goes wrong is answered as a problem. `answer` reaches
   * only the page that asked.
   */
  async handle(request: Request, answer: Answer): Promise<void> {
    try {
      await this.#handle(request, answer);
    } catch (error) {
      answer({ type: "problem", ...wordingOf(error), ...textOf(request) });
    }
  }

  async #handle(request: Request, answer: Answer): Promise<void> {
    const room = this.#rooms.find(request);
    if (room !== undefined && request.type !== "search") {
      return await this.#rooms.handle(room, request, answer);
    }
    const { messenger, archive, conversations, calls } = this.#state;
    switch (request.type) {
      case "hello":
        return;
      case "login":
        return await this.#logIn(request.name, request.server);
      case "logout":
        return messenger.logout();
      case "trust-server":
        await messenger.serverTrust.accept();
        return await this.#logIn(messenger.name, shortAddress(messenger.server));
      case "allow-classic":
        await messenger.serverTrust.allowClassic();
        return await this.#logIn(messenger.name, shortAddress(messenger.server));
      case "call":
        return await this.#calls.call(this.#state.users.get(request.user), answer);
      case "write-to":
        return this.#calls.open(this.#state.users.get(request.user), answer);
      case "kick":
      case "ban":
      case "unban":
      case "undo-ban":
        return await this.#admin.handle(request, answer);
      case "open": {
        const { newest } = conversations.get(request.chat);
        return answer({ type: "messages", chat: request.chat, ...newest });
      }
      case "create-room":
        return await this.#rooms.create(request.name, answer);
      case "join-room":
      case "leave-room":
      case "invite":
      case "remove-member":
      case "set-admin":
      case "set-topic":
        throw new RequestError("This room is gone", "room-gone");
      case "call-again":
        return await this.#calls.callAgain(conversations.get(request.chat), answer);
      case "edit":
      case "delete":
      case "react":
      case "unreact":
      case "versions":
        return await this.#messages.handle(request, answer);
      case "send":
        return await this.#send(conversations.get(request.chat), request, answer);
      // Another page may have closed it already; then nothing is left to do.
      case "close": {
        const conversation = conversations.find(request.chat);
        if (conversation !== undefined) await this.#calls.close(conversation);
        return;
      }
      case "mark-read": {
        const conversation = conversations.find(request.chat);
        if (conversation?.markRead(request.message) !== true) return;
        if (conversation.unread === 0) conversation.chat?.markSeen();
        archive.keepThread({ thread: conversation.thread, unread: conversation.unread });
        return conversations.publishHead(conversation);
      }
      case "set-draft": {
        const conversation = conversations.find(request.chat);
        if (conversation === undefined) return;
        conversation.draft = request.text;
        archive.keepThread({ thread: conversation.thread, draft: request.text });
        return conversations.publishHead(conversation);
      }
      case "set-chat": {
        const { muted, alias, note } = request;
        const conversation = conversations.get(request.chat);
        Object.assign(conversation, { muted, alias, note });
        const { name, thread, chat } = conversation;
        archive.keepThread({ thread, muted });
        this.#state.people.set(thread, { alias, note });
        const pin = messenger.trust.contacts.find((pin) => pin.name === name);
        this.#state.publishContact((chat?.identity ?? pin?.identity)?.toHex() ?? "");
        return conversations.publishHead(conversation);
      }
      case "forget": {
        const conversation = conversations.get(request.chat);
        await archive.forget(conversation.thread);
        this.#state.people.set(conversation.thread, { alias: "", note: "", lastSeen: 0 });
        return conversations.empty(conversation);
      }
      case "load-older": {
        const conversation = conversations.get(request.chat);
        const count = Math.max(1, Math.min(request.count, MAX_OLDER_MESSAGES));
        const messages = conversation.messagesBefore(request.before, count);
        const isComplete = conversation.isFirst(messages[0]?.id ?? request.before);
        return answer({ type: "older", chat: request.chat, messages, isComplete });
      }
      case "search": {
        const { words, chat, before } = request;
        if (chat === 0 && before === 0 && messenger.users.isPartial) {
          void messenger.users.search(words); // the list gets the rows
        }
        const { listed } = this.#state.rooms;
        const places = room !== undefined
          ? { thread: null, rooms: [room] }
          : chat === 0
          ? { thread: undefined, rooms: listed }
          : { thread: conversations.get(chat).thread, rooms: [] };
        const members = listed.flatMap(({ room: { members } }) => members);
        const names = [...conversations.all, ...members.map(({ name }) => ({ name, alias: "" }))];
        const found = await this.#search.find(words, places, before, names);
        return answer({ type: "found", words, chat, before, ...found });
      }
      case "show-hit": {
        const hit = this.#search.getHit(request.hit);
        if (hit === undefined) {
          throw new RequestError("This was found too long ago. Search again", "hit-gone");
        }
        if (hit.type === "room") {
          const message = await hit.room.rowIdOf(hit.message);
          return answer({ type: "show", chat: hit.room.id, message });
        }
        const conversation = conversations.openHistory(hit.message.peer);
        const message = conversation.rowIdOf(hit.message);
        return answer({ type: "show", chat: conversation.id, message });
      }
      case "accept": {
        const caller = calls.getCaller(request.caller);
        const chat = await caller?.accept();
        this.#state.publishCallers();
        if (chat === undefined) return;
        return answer({ type: "show", chat: conversations.openWith(chat).id });
      }
      case "reject": {
        calls.getCaller(request.caller)?.reject();
        return this.#state.publishCallers();
      }
      case "ignore":
        return await this.#ignore(this.#findPeer(request.target, request.id));
      case "list-ignored":
        return this.#state.publishIgnored();
      case "unignore": {
        const ignored = calls.getIgnored(request.id);
        if (ignored !== undefined) messenger.calls.unignore(ignored);
        this.#state.publishIgnored();
        return await archive.ignored?.write(messenger.calls.ignored);
      }
      case "set-setting":
        await this.#settings.set(request.key, request.value);
        return this.#state.publishMe();
      case "export-key":
        return answer({
          type: "key-backup",
          text: await this.#settings.exportKey(request.passphrase),
        });
      case "cancel": {
        const key = conversations.get(request.chat).keyAt(request.message);
        await messenger.outbox.find(({ id }) => id === key)?.cancel();
        return;
      }
      case "take-file":
        return await this.#state.files.get(request.file).accept();
      case "pause-file":
        return this.#state.files.get(request.file).pause();
      case "resume-file":
        return this.#state.files.get(request.file).resume();
      case "cancel-file":
        return await this.#state.files.get(request.file).cancel();
      case "set-typing":
        return conversations.find(request.chat)?.chat?.setTyping(request.typing);
      case "set-status":
        messenger.setStatus(request.availability, request.text);
        return this.#state.publishMe();
      case "safety-number": {
        const { name, chat } = conversations.get(request.chat);
        const number = messenger.trust.safetyNumber(name);
        const key = chat?.identity?.toHex() ??
          messenger.trust.contacts.find((pin) => pin.name === name)?.identity.toHex();
        return answer({
          type: "safety-number",
          chat: request.chat,
          number,
          qr: await qrRows(number.replaceAll(" ", "")),
          ...key !== undefined && { key },
        });
      }
      case "server-link": {
        const link = this.#state.serverLink() ?? "";
        return answer({ type: "server-link", link, qr: link === "" ? [] : await qrRows(link) });
      }
      case "verify":
        await messenger.trust.verify(conversations.get(request.chat).name);
        return this.#state.publishSecurity();
      case "unverify":
        await messenger.trust.unverify(conversations.get(request.chat).name);
        return this.#state.publishSecurity();
      case "trust": {
        const conversation = conversations.get(request.chat);
        await acceptKey(messenger, archive, conversation.name);
        conversation.security = "classic";
        this.#state.publishSecurity();
        return await this.#calls.callAgain(conversation, answer);
      }
    }
  }

  /**
   * Offers a file that a page sends to the peer of a conversation, or in a room.
   *
   * @throws {Error} if it can't be offered
   */
  async sendFile(
    chat: number,
    { thumbnail, ...file }: UploadedFile,
  ): Promise<void> {
    const place = this.#state.rooms.find(chat)?.room ??
      await this.#calls.chatFor(this.#state.conversations.get(chat));
    await place.sendFile(file, { thumbnail });
  }

  async #logIn(name: string, server: string): Promise<void> {
    try {
      this.#state.loginProblem = undefined;
      if (name !== this.#profile.config.name) this.#settings.assertUnlocked("name");
      const isSame = server.trim() === "" ||
        server.trim() === shortAddress(this.#state.messenger.server);
      if (!isSame) this.#settings.assertUnlocked("server");
      const login = this.#login(name, server);
      this.#state.publishMe();
      await login;
    } catch (error) {
      const isExpected = error instanceof ClientError || error instanceof SyntaxError ||
        error instanceof RequestError;
      if (!isExpected) throw error;
      this.#state.loginProblem = error instanceof SyntaxError
        ? worded(error.message, "invalid-server", { text: server })
        : wordingOf(error);
      this.#state.info.add("error", this.#state.loginProblem);
      if (error instanceof ClientError && error.code === "server-unreachable") this.#keepTrying();
    } finally {
      this.#state.publishMe();
    }
  }

  /** Repeats a login until the server answers, as after a lost connection. */
  #keepTrying(): void {
    const { messenger, info } = this.#state;
    if (messenger.state !== "offline") return; // the user has tried something else meanwhile
    messenger.startReconnecting((error) => {
      info.add("error", wordingOf(error));
      this.#state.publishMe();
    });
    const text = "MIM keeps trying until the server answers. Logout stops that";
    info.add("info", worded(text, "keeps-trying"));
  }

  async #send(
    conversation: Conversation,
    { text, requestId, reply }: Extract<Request, { readonly type: "send" }>,
    answer: Answer,
  ): Promise<void> {
    const { messenger, archive, conversations, dedupe } = this.#state;
    if (text.trim() === "" || dedupe.seen(requestId)) return;
    const id = randomMessageId();
    const own = { id, text, time: Date.now(), direction: "outgoing", identity: undefined } as const;
    const answered = reply === 0 ? undefined : conversation.refAt(reply);
    const row = conversation.add({ ...own, state: "sending", reply: answered }, requestId);
    conversation.draft = "";
    conversation.unread = 0;
    archive.keepThread({ thread: conversation.thread, draft: "", unread: 0 });
    conversations.publishMessage(conversation, row);
    conversations.publishHead(conversation);
    try {
      const chat = await this.#calls.chatFor(conversation);
      await chat.send(text, { id, reply: answered });
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      const failed = conversation.update({ ...own, state: "failed" });
      if (failed !== undefined) conversations.publishMessage(conversation, failed);
      const { name, address, port } = conversation;
      const peer = { name, address, port };
      archive.keepFailed(
        { ...peer, identity: conversation.chat?.identity },
        text,
        messenger.server,
        id,
      );
      answer({ type: "problem", ...wordingOf(error) }); // the text stands there
    }
  }

  async #ignore(peer: IgnorablePeer | undefined): Promise<void> {
    if (peer === undefined) return;
    const { messenger, archive, info } = this.#state;
    const { name } = peer;
    const target = ignoreTargetOf(peer);
    const { address } = target;
    await messenger.calls.ignore(target);
    this.#state.publishIgnored();
    this.#state.publishCallers();
    info.add(
      "info",
      address === undefined
        ? worded(`You ignore ${displayName(name)}`, "ignoring-name", { name })
        : worded(`You ignore ${displayName(name)} at ${address}`, "ignoring", { name, address }),
    );
    await archive.ignored?.write(messenger.calls.ignored);
  }

  #findPeer(
    target: "user" | "chat" | "caller",
    id: number,
  ): IgnorablePeer | undefined {
    const { users, conversations, calls } = this.#state;
    if (target === "caller") return calls.getCaller(id);
    if (target === "chat") {
      const { name, address, chat } = conversations.get(id);
      return { name, address, identity: chat?.identity };
    }
    const user = users.find(id);
    return user && { ...user, identity: user.pin?.identity ?? user.details?.identity };
  }
}

/** The text of a request that was refused: the page gives it back to the user. */
function textOf(request: Request): Pick<Extract<RequestResult, { type: "problem" }>, "refused"> {
  if (request.type !== "send" && request.type !== "edit") return {};
  const { type, chat, text } = request;
  return { refused: { type, chat, text, row: type === "edit" ? request.message : request.reply } };
}
