import { sanitizeName, sanitizeText, sliceGraphemes } from "../../../protocol/mod.ts";
import type { ActionEvent } from "../../core/mod.ts";
import type { StoredMessage } from "../../storage/mod.ts";
import type { MessageRow, ReactionRow, ReplyRow } from "../messages.ts";
import { sanitizeLines } from "./view_rows.ts";

/** How much of an answered message is shown, in UTF-16 units. */
const QUOTE_LENGTH = 200;

type ActionFields = Pick<MessageRow, "text" | "isEdited" | "isDeleted" | "reactions">;

/** A row after something was done with its message. */
export function applyToRow(row: MessageRow, event: ActionEvent): MessageRow {
  switch (event.type) {
    case "edited":
      return { ...row, text: sanitizeLines(event.text), isEdited: true };
    case "deleted": {
      const { reactions: _, file: _file, ...rest } = row;
      return { ...rest, text: "", isDeleted: true };
    }
    case "reacted": {
      const emoji = sanitizeText(event.emoji);
      const who = event.by === "me" ? undefined : sanitizeName(event.who);
      return { ...row, reactions: withReaction(row.reactions ?? [], emoji, who, event.isOn) };
    }
  }
}

/** The actions on a stored message, as its row shows them. */
export function actionFieldsOf(message: StoredMessage): ActionFields {
  const { text, isEdited, isDeleted, reactions = [], peer } = message;
  let rows: readonly ReactionRow[] = [];
  for (const { by, emoji } of reactions) {
    const who = by === "me" ? undefined : sanitizeName(by === "them" ? peer.name : by);
    rows = withReaction(rows, sanitizeText(emoji), who, true);
  }
  return {
    text: sanitizeLines(text),
    ...isEdited && { isEdited },
    ...isDeleted && { isDeleted },
    ...rows.length > 0 && { reactions: rows },
  };
}

/** A text on one line, without the signs that make quotations, bold text and code. */
export function previewLine(text: string, most: number): string {
  const start = text.slice(0, 4 * most);
  const plain = start.replaceAll(/^>\s?/gm, "")
    .replaceAll(/\*\*(\S(?:[^*\n]*\S)?)\*\*/g, "$1")
    .replaceAll(/`+([^`]+)`+/g, "$1");
  const line = (plain.trim() === "" ? start : plain).replaceAll(/\s+/g, " ").trim();
  return sliceGraphemes(sanitizeText(line), most);
}

/** The message that another answers, as its row shows it; undefined if it is not stored. */
export function replyRow(
  message: number,
  from: "me" | "them",
  answered: { readonly text: string; readonly isDeleted?: boolean } | undefined,
): ReplyRow {
  if (answered?.isDeleted === true) return { message, from, text: "", isDeleted: true };
  const { text } = answered ?? { text: "" };
  const line = sanitizeText(text.slice(0, 4 * QUOTE_LENGTH).replaceAll(/\s+/g, " "));
  return { message, from, text: sliceGraphemes(line, QUOTE_LENGTH) };
}

/** @param who the name of somebody else; undefined for the user */
function withReaction(
  reactions: readonly ReactionRow[],
  emoji: string,
  who: string | undefined,
  isOn: boolean,
): ReactionRow[] {
  const known = reactions.find((each) => each.emoji === emoji) ??
    { emoji, isMine: false, others: [] };
  const others = known.others.filter((each) => each !== who);
  const changed = {
    emoji,
    isMine: who === undefined ? isOn : known.isMine,
    others: who !== undefined && isOn ? [...others, who] : others,
  };
  const rows = reactions.some((each) => each.emoji === emoji)
    ? reactions.map((each) => each.emoji === emoji ? changed : each)
    : [...reactions, changed];
  return rows.filter((each) => each.isMine || each.others.length > 0);
}
