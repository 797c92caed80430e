import {
  type Chat,
  ClientError,
  type ClientErrorCode,
  Messenger,
  type MessengerOptions,
} from "../../client/core/mod.ts";
import { type EventOf, EventRecorder, type ExpectedFields } from "./event_recorder.ts";
import type { ClientEvent } from "../../client/app/events.ts";
import { assertEquals, assertRejects } from "@std/assert";

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
  readonly events: EventRecorder;

  constructor(options: MessengerOptions) {
    super(options);
    this.events = new EventRecorder(options.name);
    this.subscribe(this.events.tellOfMessenger);
  }

  /** Waits until it tells this; see {@linkcode EventRecorder.saw}. */
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

/** Asserts that `fn` rejects with a ClientError of this code, and returns it. */
export async function assertRefused(
  code: ClientErrorCode,
  fn: () => Promise<unknown>,
): Promise<ClientError> {
  const error = await assertRejects(fn, ClientError);
  assertEquals(error.code, code, error.message);
  return error;
}
