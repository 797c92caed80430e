import { deadline } from "@std/async/deadline";
import { encodeFileTakerMessage } from "../../../protocol/mod.ts";
import { DIAL_TIMEOUT_MS } from "../../../server/platform/net/dial.ts";
import { dialFileLink, type FileLink, type SecureConnection } from "../peer/mod.ts";
import type { FileComponents, FilePeers } from "./file_components.ts";
import { Rendezvous } from "./rendezvous.ts";

/** How long a token is good. */
const TOKEN_TIMEOUT_MS = 30_000;

/** Opens file links: dials, or waits for the peer that dials. */
export class FileLinkOpener {
  readonly rendezvous = new Rendezvous();
  readonly #components: FileComponents;
  readonly #peersOf: (isInRoom: boolean) => FilePeers;

  /** @param peersOf the peers in chats, or those in rooms */
  constructor(components: FileComponents, peersOf: (isInRoom: boolean) => FilePeers) {
    this.#components = components;
    this.#peersOf = peersOf;
  }

  /**
   * A link with the peer at the other end of a connection.
   *
   * @throws if the peer can't be dialed, or does not dial in time; the signal's reason
   */
  async open(
    connection: SecureConnection,
    token: Uint8Array,
    isDialing: boolean,
    signal: AbortSignal,
  ): Promise<FileLink> {
    const { identity } = connection.peer;
    if (!isDialing) return await this.rendezvous.expect(token, identity, TOKEN_TIMEOUT_MS, signal);
    const callee = this.#peersOf(connection.isRoomLink).callee(connection);
    if (callee === undefined) throw new Error("nobody knows where the peer is");
    const dialing = AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)]);
    const link = await dialFileLink(this.#components, callee, dialing);
    try {
      const payload = encodeFileTakerMessage({ type: "token", token });
      await deadline(link.send([[payload]]), TOKEN_TIMEOUT_MS, { signal });
      return link;
    } catch (error) {
      link.close();
      throw error;
    }
  }
}
