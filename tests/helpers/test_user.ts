import { type EventRecord, recordOf } from "../../client/terminal/render/record.ts";
import {
  type Chat,
  ClientError,
  type ClientErrorCode,
  Messenger,
  type MessengerEvent,
  type MessengerOptions,
  type OnlineUser,
} from "../../client/core/mod.ts";
import { EventRecorder, type ExpectedFields } from "./event_recorder.ts";
import { type ClientEvent, toClientEvent } from "../../client/app/mod.ts";
import { assertEquals, assertRejects } from "@std/assert";

/**
 * A messenger under test, that records its events, so that tests read as conversations.
 *
 * @example
 * ```ts ignore
 * await using ada = new TestUser({ name: "ada", server, network });
 * await ada.login();
 * const chat = await ada.call("bob");
 * await chat.send("hello");
 * await bob.saw("message", { name: "ada", text: "hello" });
 * ```
 */
export class TestUser extends Messenger {
  /** All its events, with the fields that scripts see. */
  readonly events: EventRecorder<ClientEvent, EventRecord>;

  /** @param records whether an event is recorded; all are if it is left out */
  constructor(options: MessengerOptions, records: (event: MessengerEvent) => boolean = () => true) {
    super(options);
    this.events = recordEvents(options.name);
    this.subscribe((event) => {
      if (records(event)) this.events.add(withErrorText(event));
    });
  }

  /** Waits for an event; see {@linkcode EventRecorder.saw}. */
  saw<Type extends ClientEvent["type"]>(
    type: Type,
    fields?: ExpectedFields,
  ): Promise<Extract<ClientEvent, { type: Type }>> {
    return this.events.saw(type, fields);
  }

  /** Calls a user, or somebody by name, once that user is online. */
  async call(
    who: OnlineUser | string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Chat> {
    if (typeof who !== "string") return await this.chats.call(who, options);
    const known = [...this.users].find((user) => user.name === who && !user.own);
    return await this.chats.call(known ?? (await this.saw("online", { name: who })).user, options);
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

/** Records events with the fields that scripts see. */
export function recordEvents(name: string): EventRecorder<ClientEvent, EventRecord> {
  return new EventRecorder(name, recordOf);
}

/** A messenger's event as a face would get it; an error with its own text, in no face's words. */
export function withErrorText(event: MessengerEvent): ClientEvent {
  if (event.type === "error") return { type: "error", text: event.error.message };
  return toClientEvent(event, "terminal");
}
