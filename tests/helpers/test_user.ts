import { type Chat, Messenger, type MessengerOptions } from "../../client/core/mod.ts";
import { type EventOf, type ExpectedFields, Witness } from "./witness.ts";
import type { ClientEvent } from "../../client/app/events.ts";

/**
 * A messenger under test, with a witness of all that it tells: tests read as conversations.
 *
 * @example
 * ```ts ignore
 * await using ada = new TestUser({ name: "ada", server, network });
 * await ada.login();
 * const chat = await ada.call("bob");
 * await ada.send(chat, "hello");
 * await bob.saw("message", { name: "ada", text: "hello" });
 * ```
 */
export class TestUser extends Messenger {
  /** All that it told. */
  readonly events: Witness;

  constructor(options: MessengerOptions) {
    super(options);
    this.events = new Witness(options.name);
    this.subscribe(this.events.tell);
  }

  /** Waits until it tells this; see {@linkcode Witness.saw}. */
  saw<Kind extends ClientEvent["type"]>(
    type: Kind,
    fields?: ExpectedFields,
  ): Promise<EventOf<Kind>> {
    return this.events.saw(type, fields);
  }

  /** Calls somebody by name, once that user is online. */
  async call(name: string): Promise<Chat> {
    const known = this.online.find((user) => user.name === name && !user.own);
    return await this.talk(known ?? (await this.saw("online", { name })).user);
  }
}
