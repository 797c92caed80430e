/** The orders of a server's admins: fields of the messages `A` and `a`. */

import type { QDataStreamReader, QDataStreamWriter } from "../../codec/mod.ts";
import { KEY_LENGTH } from "../../crypto/mod.ts";
import { ProtocolError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { readBytesField, SESSION_LENGTH, writeBytesField, writeTextField } from "../fields.ts";

/** The kinds of orders: to end sessions, or to change who may log in. */
export type OrderAction = "kick" | "ban" | "unban";

/** The subject of an order. A session can only be kicked. See protocol/docs/mim2.md, "Orders of admins". */
export type OrderSubject =
  | { readonly type: "key"; readonly key: Uint8Array }
  | { readonly type: "name"; readonly name: string }
  /** An IP address, or a network such as `192.0.2.0/24`. */
  | { readonly type: "network"; readonly network: string }
  | { readonly type: "session"; readonly session: Uint8Array };

/**
 * The outcome of an order: `done` at this server; `done-cluster`: in the whole cluster; `done-later`: at this server,
 * and in the rest of its cluster later; `not-admin`: its sender is none; `unchanged`: nobody online is meant, or
 * the ban is as ordered already; `is-admin`: it would end the session of an admin, or ban one; `failed`: the
 * server could not do it.
 */
export type OrderOutcome =
  | "done"
  | "done-cluster"
  | "done-later"
  | "not-admin"
  | "unchanged"
  | "is-admin"
  | "failed";

const ACTIONS: readonly OrderAction[] = ["kick", "ban", "unban"];
const SUBJECTS = { key: 0, name: 1, network: 2, session: 3 } as const;
const OUTCOMES: readonly OrderOutcome[] = [
  "done",
  "not-admin",
  "unchanged",
  "is-admin",
  "failed",
  "done-cluster",
  "done-later",
];

/** Writes an order: its action and its subject. */
export function writeOrder(
  writer: QDataStreamWriter,
  action: OrderAction,
  subject: OrderSubject,
): void {
  writer.quint8(ACTIONS.indexOf(action)).quint8(SUBJECTS[subject.type]);
  switch (subject.type) {
    case "key":
      return writeBytesField(writer, "a key", subject.key, KEY_LENGTH);
    case "name":
      return writeTextField(writer, "a name", subject.name, limits.nameUnits);
    case "network":
      return writeTextField(writer, "a network", subject.network, limits.nameUnits);
    case "session":
      return writeBytesField(writer, "a session", subject.session, SESSION_LENGTH);
  }
}

/** Reads an order. One of a later version is refused, since nothing must be done by mistake. */
export function readOrder(
  reader: QDataStreamReader,
): { readonly action: OrderAction; readonly subject: OrderSubject } {
  const action = ACTIONS[reader.quint8()];
  if (action === undefined) throw new ProtocolError("bad-field", "expected an action of 0 to 2");
  return { action, subject: readSubject(reader) };
}

function readSubject(reader: QDataStreamReader): OrderSubject {
  const type = reader.quint8();
  switch (type) {
    case SUBJECTS.key:
      return { type: "key", key: readBytesField(reader, "a key", KEY_LENGTH) };
    case SUBJECTS.name:
      return { type: "name", name: reader.qstring(limits.nameUnits) };
    case SUBJECTS.network:
      return { type: "network", network: reader.qstring(limits.nameUnits) };
    case SUBJECTS.session:
      return { type: "session", session: readBytesField(reader, "a session", SESSION_LENGTH) };
    default:
      throw new ProtocolError("bad-field", `expected a subject of kind 0 to 3, got ${type}`);
  }
}

/** Writes an outcome. */
export function writeOutcome(writer: QDataStreamWriter, outcome: OrderOutcome): void {
  writer.quint8(OUTCOMES.indexOf(outcome));
}

/** Reads an outcome. One of a later version is read as a failure. */
export function readOutcome(reader: QDataStreamReader): OrderOutcome {
  return OUTCOMES[reader.quint8()] ?? "failed";
}
