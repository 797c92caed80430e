import {
  ProtocolError,
  QDataStreamReader,
  QDataStreamWriter,
  SESSION_LENGTH,
} from "../../protocol/mod.ts";
import type { RecordValue } from "./cluster_bus.ts";

/** The name of the messages' format; a node skips those of another one. */
const VERSION = 1;
/** The longest row, as an Add, and the longest reason. */
const MAX_ROW_BYTES = 4_096;
const MAX_REASON_UNITS = 256;
/** Rows of a message; more do not fit into one. */
const MAX_ROWS = 65_536;
const KEY_LENGTH = 32;
/** The longest key of the store. */
const MAX_KEY_UNITS = 1_024;
const MAX_BAN_BYTES = 1_024;

/** A change of a node's own rows; sessions are in hex digits. */
export type RowChange =
  /** A row is new or changed; the row is an Add. */
  | { readonly type: "put"; readonly session: string; readonly row: Uint8Array }
  | { readonly type: "delete"; readonly session: string };

/** The user of this key, in hex digits, has logged in again here: the session at another node is over. */
export interface SessionEnded {
  readonly type: "end";
  readonly session: string;
  readonly identity: string;
}

/** A change that a node tells all others. */
export type NodeChange = RowChange | SessionEnded;

/** A request of one node to another one; sessions are in hex digits. */
export type NodeRequest =
  /** Have a client of yours dial one of mine. */
  | { readonly type: "call-me"; readonly from: string; readonly to: string }
  /** A client of mine can't reach one of yours. */
  | { readonly type: "unreachable"; readonly by: string; readonly whom: string }
  /** The operator has ended this session. */
  | { readonly type: "kick"; readonly session: string; readonly reason: string };

/** A message between nodes. */
export type ClusterMessage =
  /** To all: so have my rows changed; messages of this type are numbered from 1. */
  | { readonly type: "log"; readonly number: number; readonly changes: readonly NodeChange[] }
  /** To all: I am there, and this is the number of my last log message. */
  | { readonly type: "beat"; readonly number: number; readonly users: number }
  /** To all: I stop. */
  | { readonly type: "bye" }
  /** To one: give me all your rows. */
  | { readonly type: "ask"; readonly request: number }
  /** To one: a part of all my rows, as they were behind the log message of that number, and of sessions that ended. */
  | {
    readonly type: "rows";
    readonly request: number;
    readonly number: number;
    readonly part: number;
    readonly parts: number;
    readonly rows: readonly Exclude<NodeChange, { type: "delete" }>[];
  }
  /** To one: once you have my log up to this number, do this. */
  | {
    readonly type: "to";
    readonly number: number;
    readonly request: NodeRequest;
  }
  /** To all: the store has no value under this key; do you know whose the name is? */
  | { readonly type: "name"; readonly request: number; readonly key: string }
  /** To one: the answer to that; undefined if the node can't tell. A node that knows it has written it back. */
  | {
    readonly type: "known";
    readonly request: number;
    readonly isKnown: boolean | undefined;
  }
  /** To one: so much of what I know about who is banned, as it would stand in the store. */
  | { readonly type: "bans"; readonly bans: readonly RecordValue[] };

/** A message about rows, and not about names or bans. */
export type TableMessage = Exclude<ClusterMessage, { type: "name" | "known" | "bans" }>;

const CHANGES = { put: 0x41, delete: 0x44, end: 0x45 } as const;
const TYPES = {
  log: 1,
  beat: 2,
  bye: 3,
  ask: 4,
  rows: 5,
  to: 6,
  name: 7,
  known: 8,
  bans: 9,
} as const;
const ANSWERS = { no: 0, yes: 1, unsure: 2 } as const;
const REQUESTS = { "call-me": 1, unreachable: 2, kick: 4 } as const;

/** A message's bytes, to be sealed. */
export function encodeClusterMessage(message: ClusterMessage): Uint8Array<ArrayBuffer> {
  const writer = new QDataStreamWriter().quint8(VERSION).quint8(TYPES[message.type]);
  switch (message.type) {
    case "log":
      writer.quint64(message.number).quint32(message.changes.length);
      for (const change of message.changes) writeChange(writer, change);
      break;
    case "beat":
      writer.quint64(message.number).quint32(message.users);
      break;
    case "bye":
      break;
    case "ask":
      writer.quint32(message.request);
      break;
    case "rows":
      writer.quint32(message.request).quint64(message.number);
      writer.quint32(message.part).quint32(message.parts).quint32(message.rows.length);
      for (const row of message.rows) writeChange(writer, row);
      break;
    case "to":
      writer.quint64(message.number);
      writeRequest(writer, message.request);
      break;
    case "name":
      writer.quint32(message.request).qstring(message.key);
      break;
    case "known":
      writer.quint32(message.request).quint8(codeOfAnswer(message.isKnown));
      break;
    case "bans":
      writer.quint32(message.bans.length);
      for (const { key, value } of message.bans) writer.qstring(key).qbytearray(value);
  }
  return writer.bytes();
}

/**
 * Reads a message.
 *
 * @returns undefined if its version or type is not known: it is to be skipped
 * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field`
 */
export function decodeClusterMessage(body: Uint8Array): ClusterMessage | undefined {
  const reader = new QDataStreamReader(body);
  if (reader.quint8() !== VERSION) return undefined;
  switch (reader.quint8()) {
    case TYPES.log:
      return { type: "log", number: reader.quint64(), changes: readMany(reader, readChange) };
    case TYPES.beat:
      return { type: "beat", number: reader.quint64(), users: reader.quint32() };
    case TYPES.bye:
      return { type: "bye" };
    case TYPES.ask:
      return { type: "ask", request: reader.quint32() };
    case TYPES.rows:
      return {
        type: "rows",
        request: reader.quint32(),
        number: reader.quint64(),
        part: reader.quint32(),
        parts: reader.quint32(),
        rows: readMany(reader, readRow),
      };
    case TYPES.to: {
      const number = reader.quint64();
      const request = readRequest(reader);
      return request && { type: "to", number, request };
    }
    case TYPES.name:
      return {
        type: "name",
        request: reader.quint32(),
        key: reader.qstring(MAX_KEY_UNITS),
      };
    case TYPES.known:
      return {
        type: "known",
        request: reader.quint32(),
        isKnown: readAnswer(reader),
      };
    case TYPES.bans:
      return { type: "bans", bans: readMany(reader, readBan) };
    default:
      return undefined;
  }
}

function codeOfAnswer(isKnown: boolean | undefined): number {
  if (isKnown === undefined) return ANSWERS.unsure;
  return isKnown ? ANSWERS.yes : ANSWERS.no;
}

function readAnswer(reader: QDataStreamReader): boolean | undefined {
  const code = reader.quint8();
  return code === ANSWERS.no ? false : code === ANSWERS.yes ? true : undefined;
}

function writeRequest(writer: QDataStreamWriter, request: NodeRequest): void {
  writer.quint8(REQUESTS[request.type]);
  const session = (hex: string) => writer.qbytearray(Uint8Array.fromHex(hex));
  switch (request.type) {
    case "call-me":
      session(request.from);
      session(request.to);
      break;
    case "unreachable":
      session(request.by);
      session(request.whom);
      break;
    case "kick":
      session(request.session).qstring(request.reason);
  }
}

function readRequest(reader: QDataStreamReader): NodeRequest | undefined {
  switch (reader.quint8()) {
    case REQUESTS["call-me"]:
      return { type: "call-me", from: readSession(reader), to: readSession(reader) };
    case REQUESTS.unreachable:
      return { type: "unreachable", by: readSession(reader), whom: readSession(reader) };
    case REQUESTS.kick:
      return {
        type: "kick",
        session: readSession(reader),
        reason: reader.qstring(MAX_REASON_UNITS),
      };
    default:
      return undefined;
  }
}

function readMany<Item>(
  reader: QDataStreamReader,
  read: (reader: QDataStreamReader) => Item,
): Item[] {
  const count = reader.quint32();
  if (count > MAX_ROWS) {
    throw new ProtocolError("bad-field", `expected at most ${MAX_ROWS} rows, got ${count}`);
  }
  const items: Item[] = [];
  while (items.length < count) items.push(read(reader));
  return items;
}

function writeChange(writer: QDataStreamWriter, change: NodeChange): void {
  writer.quint8(CHANGES[change.type]).qbytearray(Uint8Array.fromHex(change.session));
  if (change.type === "put") writer.qbytearray(change.row);
  else if (change.type === "end") writer.qbytearray(Uint8Array.fromHex(change.identity));
}

function readChange(reader: QDataStreamReader): NodeChange {
  const type = reader.quint8();
  const session = readSession(reader);
  switch (type) {
    case CHANGES.put:
      return { type: "put", session, row: reader.qbytearray(MAX_ROW_BYTES) };
    case CHANGES.delete:
      return { type: "delete", session };
    case CHANGES.end:
      return { type: "end", session, identity: reader.qbytearray(KEY_LENGTH).toHex() };
    default:
      throw new ProtocolError("bad-field", `expected a change of a known type, got ${type}`);
  }
}

function readRow(reader: QDataStreamReader): Exclude<NodeChange, { type: "delete" }> {
  const change = readChange(reader);
  if (change.type !== "delete") return change;
  throw new ProtocolError("bad-field", "expected a row, got one that is gone");
}

function readBan(reader: QDataStreamReader): RecordValue {
  return { key: reader.qstring(MAX_KEY_UNITS), value: reader.qbytearray(MAX_BAN_BYTES) };
}

function readSession(reader: QDataStreamReader): string {
  const session = reader.qbytearray(SESSION_LENGTH);
  if (session.length === SESSION_LENGTH) return session.toHex();
  throw new ProtocolError(
    "bad-field",
    `expected a session of ${SESSION_LENGTH} bytes, got ${session.length}`,
  );
}
