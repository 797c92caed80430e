import type { ActionKind } from "../../../protocol/mod.ts";
import type { AppliedChange } from "./message_action.ts";

/** How many reactions of one person are kept for a message, those taken back included. */
const MAX_REACTIONS = 32;

/** The time and ID of an action: of two of one sort, the later one counts. */
export interface ActionStamp {
  /** In milliseconds since 1970. */
  readonly time: number;
  /** The action's ID: 8 bytes in hex. The greater one is the later one of the same millisecond. */
  readonly id: string;
}

/** The reaction of one person with one emoji. */
export interface Reaction extends ActionStamp {
  /** The person who reacted: `me` or `them` in a chat. */
  readonly by: string;
  /** As it came: not yet safe to print. */
  readonly emoji: string;
  /** False once it is taken back. */
  readonly isOn: boolean;
}

/** A message as actions have changed it. */
export interface MessageState {
  /** The present text; empty if the message is deleted. */
  readonly text: string;
  /** The edit with the present text; undefined if the message was never edited. */
  readonly edit?: ActionStamp;
  /** The delete; undefined if the message is not deleted. */
  readonly deleted?: ActionStamp;
  /** The reactions, with those that were taken back. */
  readonly reactions: readonly Reaction[];
}

/** A text that a message has, or had. */
export interface MessageVersion extends ActionStamp {
  /** The text. */
  readonly text: string;
}

/** The result of an action on a message. */
export interface Applied {
  /** The message from now on. */
  readonly state: MessageState;
  /** What is different now; undefined if a later action counts. */
  readonly change?: AppliedChange;
  /** A text to store beside the present one. */
  readonly version?: MessageVersion;
}

/**
 * Applies an action by someone who may do it, as a {@linkcode Store} has to. The result does not depend on
 * the order of arrival, and applying an action again changes nothing.
 *
 * @param state the message until now
 * @param action the action; `by` is the person who reacts
 * @returns undefined if nothing changes
 *
 * @example
 * ```ts
 * import { applyToMessage, type MessageState } from "@mim/mim/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const message: MessageState = { text: "lunch at noon?", reactions: [] };
 * const edit = { type: "edit", by: "them", id: "0000000000000001", time: 1, body: "at one?" } as const;
 * const applied = applyToMessage(message, edit);
 * assertEquals(applied?.state.text, "at one?");
 * assertEquals(applied?.change, { type: "edited", text: "at one?", before: "lunch at noon?" });
 * assertEquals(applied && applyToMessage(applied.state, edit), undefined); // nothing is different
 * ```
 */
export function applyToMessage(
  state: MessageState,
  action: ActionStamp & {
    readonly type: ActionKind;
    readonly by: string;
    readonly body: string;
  },
): Applied | undefined {
  if (state.deleted !== undefined) return undefined;
  const { time, id, body } = action;
  switch (action.type) {
    case "edit":
      return applyEdit(state, { time, id, text: body });
    case "delete":
      return {
        state: { text: "", deleted: { time, id }, reactions: [] },
        change: { type: "deleted", before: state.text },
      };
    case "react":
    case "unreact":
      return applyReaction(state, {
        ...{ by: action.by, emoji: body, isOn: action.type === "react", time, id },
      });
  }
}

function applyEdit(state: MessageState, version: MessageVersion): Applied | undefined {
  const { time, id, text } = version;
  if (state.edit !== undefined && !isLater(version, state.edit)) {
    return state.edit.time === time && state.edit.id === id ? undefined : { state, version };
  }
  return {
    state: { ...state, text, edit: { time, id } },
    change: { type: "edited", text, before: state.text },
    version,
  };
}

function applyReaction(state: MessageState, reaction: Reaction): Applied | undefined {
  const { by, emoji, isOn } = reaction;
  const known = state.reactions.find((each) => each.by === by && each.emoji === emoji);
  if (known !== undefined && !isLater(reaction, known)) return undefined;
  const others = state.reactions.filter((each) => each !== known);
  if (others.filter((each) => each.by === by).length >= MAX_REACTIONS) return undefined;
  const after = { ...state, reactions: [...others, reaction] };
  if (isOn === (known?.isOn ?? false)) return { state: after };
  return { state: after, change: { type: "reacted", emoji, isOn, messageText: state.text } };
}

function isLater(one: ActionStamp, other: ActionStamp): boolean {
  return one.time > other.time || one.time === other.time && one.id > other.id;
}
