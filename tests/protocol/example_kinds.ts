/** What stands in the hex examples of protocol/docs, and how it is sent and read. */

import { assertEquals } from "@std/assert";

/** A value on an example's `#` line, and the word before it. */
export type Value = readonly [
  word: string,
  value: string | number | null | Uint8Array | readonly string[],
];

/** How one kind of thing is sent, and as what messages it arrives. */
export interface Kind {
  readonly encode: (values: readonly Value[]) => Uint8Array;
  readonly messages: (values: readonly Value[]) => readonly unknown[];
  /** Reads it on its own, where no decoder of a sender's bytes does. */
  readonly decode?: (bytes: Uint8Array) => unknown;
}

/** One kind, of which each example is a single message that is read on its own. */
export function kind<Message>(
  messageIn: (values: readonly Value[]) => Message,
  encode: (message: Message) => Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
): Kind {
  return {
    encode: (values) => encode(messageIn(values)),
    messages: (values) => [messageIn(values)],
    decode,
  };
}

export function textOf(values: readonly Value[]): string {
  assertEquals(values.length, 1, "one text");
  return String(values[0]?.[1]);
}

export function recordOf<Message>(values: readonly Value[]): Message {
  return Object.fromEntries(values) as Message;
}

export function messageOf<Message>(type: string, values: readonly Value[]): Message {
  return { type, ...recordOf<Message>(values) };
}
