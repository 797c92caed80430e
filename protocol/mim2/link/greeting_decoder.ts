/** The first messages that a MIM/2 client reads at any server: the welcome, and the announcement in its last lines. */

import { concat } from "@std/bytes/concat";
import { WelcomeDecoder } from "../../classic/mod.ts";
import type { Decoder } from "../../codec/mod.ts";
import type { KeyRotation } from "../key_rotation.ts";
import { type LinkAnnouncement, parseLinkAnnouncement, parseRotationLine } from "./announcement.ts";
import { linkPrologue } from "./preamble.ts";

/** So many earlier keys of a server are taken from its welcome. */
const MAX_ROTATIONS = 8;
const LF = 0x0a;

/** The announcement of a MIM/2 server, as its welcome has it. */
export interface LinkOffer {
  /** The server's keys. Not checked: see {@linkcode isAnnouncementValid}. */
  readonly announcement: LinkAnnouncement;
  /** How the server's key has changed, the oldest first. Not checked: see {@linkcode hasRotatedTo}. */
  readonly rotations: readonly KeyRotation[];
  /** The prologue of the handshake. */
  readonly prologue: Uint8Array;
}

/** One thing that a server says before the login. */
export type GreetingMessage =
  | {
    /** A line of the welcome, the announcement and the rotations apart. */
    readonly type: "welcome";
    /** The line, without its end; not yet safe to print: see {@linkcode sanitizeText}. */
    readonly text: string;
  }
  | {
    /** The welcome is complete: time to log in. */
    readonly type: "welcome-end";
    /** The offer of a MIM/2 server; undefined from a classic one. */
    readonly offer?: LinkOffer;
  };

/**
 * The client's side: the first bytes of a server in, its welcome out. What the last chunk holds behind
 * it is in `rest`. An announcement counts only if an empty line ends the welcome behind it.
 * See protocol/docs/mim2.md, "Announcement".
 *
 * @example
 * ```ts
 * import { encodeWelcome, GreetingDecoder } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const decoder = new GreetingDecoder();
 * assertEquals([...decoder.push(encodeWelcome("Hello"))], [
 *   { type: "welcome", text: "Hello" },
 *   { type: "welcome-end" },
 * ]);
 * ```
 */
export class GreetingDecoder implements Decoder<GreetingMessage> {
  readonly #welcome = new WelcomeDecoder();
  /** All bytes of the welcome; a welcome is short. */
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** The last lines so far, which are for the program if they stay the last. */
  #held: string[] = [];

  /** The bytes behind the welcome in the chunk that ended it (a view); undefined until then. */
  get rest(): Uint8Array | undefined {
    return this.#welcome.rest;
  }

  /**
   * Yields each line that is certain to be text, then the end. Push nothing more once `rest` is there.
   *
   * @throws {ProtocolError} `welcome-too-long`
   */
  *push(chunk: Uint8Array): Generator<GreetingMessage, void> {
    for (const line of this.#welcome.push(chunk)) {
      const isAnnouncement = parseLinkAnnouncement(line) !== undefined;
      const isRotation = line.startsWith("MIM/2-was ");
      const isBehind = this.#held.at(-1)?.startsWith("MIM/2 ") ?? false;
      if (isBehind || !(isAnnouncement || isRotation)) yield* this.#release();
      if (isAnnouncement || isRotation) this.#held.push(line);
      else yield { type: "welcome", text: line };
    }
    const rest = this.#welcome.rest;
    const taken = chunk.subarray(0, chunk.length - (rest?.length ?? 0));
    this.#bytes = concat([this.#bytes, taken]);
    if (rest === undefined) return;
    const offer = this.#offer();
    yield* this.#release();
    yield offer === undefined ? { type: "welcome-end" } : { type: "welcome-end", offer };
  }

  /**
   * Ends the bytes.
   *
   * @throws {ProtocolError} `truncated` if the welcome has not ended
   */
  end(): void {
    this.#welcome.end();
  }

  *#release(): Generator<GreetingMessage, void> {
    for (const text of this.#held.splice(0)) yield { type: "welcome", text };
  }

  /** Takes the offer off the last lines; what is no part of it stays. */
  #offer(): LinkOffer | undefined {
    const announcement = parseLinkAnnouncement(this.#held.at(-1) ?? "");
    const endsEmpty = this.#bytes.at(-1) === LF &&
      (this.#bytes.at(-2) === LF || (this.#bytes.at(-2) === 0x0d && this.#bytes.at(-3) === LF));
    if (announcement === undefined || !endsEmpty) return undefined;
    this.#held.pop();
    const rotations: KeyRotation[] = [];
    while (rotations.length < MAX_ROTATIONS) {
      const newKey = rotations[0]?.oldKey ?? announcement.serverKey;
      const rotation = parseRotationLine(this.#held.at(-1) ?? "", newKey);
      if (rotation === undefined) break;
      rotations.unshift(rotation);
      this.#held.pop();
    }
    return { announcement, rotations, prologue: linkPrologue(this.#bytes) };
  }
}
