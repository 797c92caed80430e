/**
 * The interfaces for programs that store a messenger's state in a place of their own: the records of a
 * `Store`, of its rooms, and the files of transfers.
 *
 * `MemoryStore` of `@mim/mim` is a complete store, and a base for others.
 *
 * @example A store that writes each message to a file before the sender is told that it has arrived
 * ```ts
 * import { MemoryStore } from "@mim/mim";
 * import type { Incoming } from "@mim/mim/storage";
 * import { createTestNetwork } from "@mim/mim/testing";
 * import { assertEquals } from "@std/assert";
 *
 * class Journal extends MemoryStore {
 *   constructor(readonly path: string) {
 *     super();
 *   }
 *
 *   // If this rejects, the message is not acknowledged, and comes again.
 *   override async receive(message: Incoming): Promise<"inserted" | "duplicate"> {
 *     const { name, text } = message;
 *     await Deno.writeTextFile(this.path, `${JSON.stringify({ name, text })}\n`, { append: true });
 *     return await super.receive(message);
 *   }
 * }
 *
 * const path = await Deno.makeTempFile();
 * await using network = createTestNetwork();
 * await network.login("bob", { store: new Journal(path) });
 * const ada = await network.login("ada");
 * await (await ada.send("bob", "hello")).delivered;
 * assertEquals(await Deno.readTextFile(path), '{"name":"ada","text":"hello"}\n');
 * ```
 *
 * @module
 */

export {
  ActionMemory,
  type ActionStamp,
  type Applied,
  type AppliedChange,
  applyToMessage,
  type ArrivedEntry,
  DiskFullError,
  type FileStorage,
  type Incoming,
  isAllowed,
  isByAuthor,
  type MessageState,
  type MessageVersion,
  type NewRoomEntry,
  type OpenSource,
  type Outgoing,
  type OutgoingAction,
  PartBusyError,
  type PartFile,
  type Pin,
  type Reaction,
  type RoomStore,
  type RoomText,
  type SourceFile,
  type StoredAction,
  type StoredRoom,
  type StoredRoomEntry,
  type TalkSpan,
  type TalkWant,
  type TargetFolder,
  THIS_MACHINE,
  type TransferRecord,
} from "../core/mod.ts";
