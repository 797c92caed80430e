import { type Chat, ClientError, type IgnoreTarget, randomMessageId } from "../../core/mod.ts";
import { sanitizeText, shortAddress } from "../../../protocol/mod.ts";
import type { Request, RequestResult } from "../messages.ts";
import { CallRequests } from "./call_requests.ts";
import { describeError } from "../../app/mod.ts";
import { type Conversation, Search, type WindowState } from "../state/mod.ts";

/** How many messages a page may ask for at once. */
const MAX_OLDER = 1_000;

/** What of an intent needs more than the messenger. */
export interface RequestContext {
  /** Logs in, with what belongs to it: hosting, and remembering the answers. */
  login(name: string, server: string): Promise<void>;
  /** Remembers what calls from strangers lead to. */
  setStrangers(policy: "allow" | "ask" | "refuse"): Promise<void>;
}

/** Does what a page asks for. */
export class RequestHandler {
  readonly #desk: WindowState;
  readonly #around: RequestContext;
  readonly #calls: CallRequests;
  readonly #search: Search;

  constructor(desk: WindowState, around: RequestContext) {
    this.#desk = desk;
    this.#around = around;
    this.#calls = new CallRequests(desk);
    this.#search = new Search(desk.memory);
  }

  /**
   * Does it; what goes wrong is shown. Never rejects but for faults of the program.
   *
   * @param answer tells the page that asked
   */
  async run(up: Request, answer: (answer: RequestResult) => void): Promise<void> {
    try {
      await this.#run(up, answer);
    } catch (error) {
      const known = error instanceof ClientError || error instanceof SyntaxError ||
        error instanceof RangeError;
      if (!known) throw error;
      answer({ type: "problem", text: sanitizeText(describeError(error, "window")) });
    }
  }

  async #run(up: Request, answer: (answer: RequestResult) => void): Promise<void> {
    const { messenger, memory, dialogs, door } = this.#desk;
    switch (up.type) {
      case "hello":
        return;
      case "login":
        return await this.#login(up.name, up.server);
      case "logout":
        return messenger.logout();
      case "talk": {
        const user = this.#desk.people.user(up.user);
        if (user === undefined) throw new SyntaxError("Nobody is there any more");
        return await this.#calls.talk(user, answer);
      }
      case "again":
        return await this.#calls.again(dialogs.get(up.chat), answer);
      case "send":
        return await this.#send(dialogs.get(up.chat), up.text, up.requestId);
      // Another page may have closed it by now: then there is no more to do.
      case "close": {
        const conversation = dialogs.find(up.chat);
        if (conversation !== undefined) await this.#calls.close(conversation);
        return;
      }
      case "seen": {
        const conversation = dialogs.find(up.chat);
        if (conversation === undefined || conversation.unread === 0) return;
        conversation.unread = 0;
        return dialogs.show(conversation);
      }
      case "older": {
        const conversation = dialogs.get(up.chat);
        const messages = conversation.before(
          up.before,
          Math.max(1, Math.min(up.count, MAX_OLDER)),
        );
        const whole = conversation.isFirst(messages[0]?.id ?? up.before);
        return answer({ type: "older", chat: up.chat, messages, whole });
      }
      case "search":
        return answer({ type: "found", words: up.words, found: this.#search.find(up.words) });
      case "find": {
        const kept = this.#search.shown(up.found);
        if (kept === undefined) throw new RangeError("this was found long ago: search again");
        const conversation = dialogs.about(kept.peer);
        const message = conversation.locate(kept);
        return answer({ type: "show", chat: conversation.id, message });
      }
      case "accept": {
        const caller = door.caller(up.caller);
        if (caller === undefined) return this.#desk.showCallers();
        const chat = messenger.accept(caller);
        this.#desk.showCallers();
        return answer({ type: "show", chat: dialogs.with(chat).id });
      }
      case "refuse": {
        const caller = door.caller(up.caller);
        if (caller !== undefined) messenger.refuse(caller);
        return this.#desk.showCallers();
      }
      case "ignore":
        return await this.#ignore(this.#peer(up.of, up.id));
      case "ignored":
        return this.#desk.showIgnored();
      case "unignore": {
        const ignored = door.ignoredWho(up.id);
        if (ignored !== undefined) messenger.unignore(ignored);
        this.#desk.showIgnored();
        return await memory.keepIgnored(messenger.ignored);
      }
      case "strangers":
        messenger.strangers = up.policy;
        this.#desk.showMe();
        return await this.#around.setStrangers(up.policy);
      case "cancel": {
        const mark = dialogs.get(up.chat).markAt(up.message);
        messenger.outbox.find(({ id }) => id === mark)?.cancel();
        return;
      }
      case "typing": {
        const chat = dialogs.find(up.chat)?.chat;
        if (chat?.open === true) messenger.typing(chat, up.typing);
        return;
      }
      case "status":
        messenger.setStatus(up.availability, up.text);
        return this.#desk.showMe();
      case "safety": {
        const number = messenger.safetyNumber(dialogs.get(up.chat).name);
        return answer({ type: "safety", chat: up.chat, number });
      }
      case "verify":
        messenger.verify(dialogs.get(up.chat).name);
        return this.#desk.showPins();
      case "trust": {
        const conversation = dialogs.get(up.chat);
        messenger.trust(conversation.name);
        conversation.security = "classic";
        this.#desk.showPins();
        return await this.#calls.again(conversation, answer);
      }
      case "trust-server":
        messenger.trustServer();
        return await this.#login(messenger.name, shortAddress(messenger.server));
    }
  }

  async #login(name: string, server: string): Promise<void> {
    try {
      const entering = this.#around.login(name, server);
      this.#desk.showMe();
      await entering;
    } catch (error) {
      if (!(error instanceof ClientError || error instanceof SyntaxError)) throw error;
      this.#desk.say("error", describeError(error, "window"));
      const nobody = error instanceof ClientError && error.code === "server-unreachable";
      if (nobody) this.#keepTrying();
    } finally {
      this.#desk.showMe();
    }
  }

  /** Has a login tried again until the server answers, as it is after a loss. */
  #keepTrying(): void {
    const { messenger } = this.#desk;
    if (messenger.state !== "offline") return; // it is tried already, or somebody has done something else
    messenger.keepTrying((error) => {
      if (!(error instanceof ClientError)) throw error;
      this.#desk.say("error", describeError(error, "window"));
      this.#desk.showMe();
    });
    this.#desk.say("info", "It is tried again by itself until somebody answers; Logout ends that");
  }

  async #send(conversation: Conversation, text: string, requestId: string): Promise<void> {
    if (text.trim() === "" || this.#desk.done.already(requestId)) return;
    const { chat } = conversation;
    const { messenger, memory, dialogs } = this.#desk;
    const id = randomMessageId();
    const own = { id, text, at: Date.now(), direction: "outgoing", identity: undefined } as const;
    dialogs.showMessage(conversation, conversation.add({ ...own, state: "sending" }, requestId));
    try {
      if (chat === undefined) {
        throw new ClientError("chat-closed", { reason: "closed", name: conversation.name });
      }
      await messenger.send(chat, text, { id });
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      const row = conversation.update({ ...own, state: "failed" });
      if (row !== undefined) dialogs.showMessage(conversation, row);
      memory.keepFailed(conversation, text, messenger.server, id);
      throw error;
    }
  }

  async #ignore(peer: Pick<Chat, "name" | "address"> | undefined): Promise<void> {
    if (peer === undefined) return;
    const { messenger, memory } = this.#desk;
    const who: IgnoreTarget = { name: peer.name, address: peer.address };
    await messenger.ignore(who);
    this.#desk.showIgnored();
    this.#desk.showCallers();
    this.#desk.say("info", `Ignoring ${peer.name} at ${peer.address}`);
    await memory.keepIgnored(messenger.ignored);
  }

  #peer(of: "user" | "chat" | "caller", id: number): Pick<Chat, "name" | "address"> | undefined {
    if (of === "user") return this.#desk.people.user(id);
    return of === "chat" ? this.#desk.dialogs.get(id) : this.#desk.door.caller(id);
  }
}
