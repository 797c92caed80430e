import type { ActionKind } from "../../../protocol/mod.ts";

/** How many reactions of one person are kept for a message, those taken back included. */
const MAX_REACTIONS = 32;

/** By which of two actions of a sort the later one is found. */
export interface ActionStamp {
  /** In milliseconds since 1970. */
  readonly time: number;
  /** The action's id in hex. */
  readonly id: string;
}

/** One person's reaction with one emoji. */
export interface Reaction extends ActionStamp {
  /** The user who reacted. */
  readonly by: string;
  /** As it came. */
  readonly emoji: string;
  /** False once it is taken back. */
  readonly isOn: boolean;
}

/** A message as actions have changed it. */
export interface MessageState {
  /** The text that holds; empty if it is deleted. */
  readonly text: string;
  /** The edit that holds. */
  readonly edit?: ActionStamp;
  readonly deleted?: ActionStamp;
  readonly reactions: readonly Reaction[];
}

/** A text that a message has, or had. */
export interface MessageVersion extends ActionStamp {
  readonly text: string;
}

type Change =
  | { readonly type: "edited"; readonly text: string; readonly before: string }
  | { readonly type: "deleted"; readonly before: string }
  | {
    readonly type: "reacted";
    readonly emoji: string;
    readonly isOn: boolean;
    readonly messageText: string;
  };

/** The result of an action on a message. */
export interface Applied {
  readonly state: MessageState;
  /** The difference to before; undefined if another action holds. */
  readonly change?: Change;
  /** A text to be kept beside the one that holds. */
  readonly version?: MessageVersion;
}

/**
 * Applies an action by someone who may do it. The result depends on no order of arrival, and applying
 * one again changes nothing.
 *
 * @param action `by` is whose reaction it is
 * @returns undefined if it leaves everything as it is
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
