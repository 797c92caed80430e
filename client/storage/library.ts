/**
 * The interfaces for programs that keep a messenger's state elsewhere than on disk: the records of a
 * `Store`, of its rooms, and the files of transfers. `MemoryStore` of the first entry point is
 * an example.
 *
 * @module
 */

export {
  type ArrivedEntry,
  DiskFullError,
  type FileStorage,
  type Incoming,
  type NewRoomEntry,
  type OpenSource,
  type Outgoing,
  type OutgoingAction,
  PartBusyError,
  type PartFile,
  type Pin,
  type RoomStore,
  type RoomText,
  type SourceFile,
  type StoredAction,
  type StoredRoom,
  type StoredRoomEntry,
  type TalkSpan,
  type TalkWant,
  type TargetFolder,
  type TransferRecord,
} from "../core/mod.ts";
