import type { ActionKind } from "../../../protocol/mod.ts";

/** Names a message of a chat: each side chooses the ids of its own. */
export interface MessageRef {
  /** 8 bytes in hex. */
  readonly id: string;
  /** Which way it went. */
  readonly direction: "outgoing" | "incoming";
}

/** Something done with a message. */
export interface MessageAction {
  /** Names the action on both sides: 8 bytes in hex. */
  readonly id: string;
  /** The type of the action. */
  readonly type: ActionKind;
  /** The side that did it. */
  readonly by: "me" | "them";
  /** The message. */
  readonly target: MessageRef;
  /** The new text of an edit, the emoji of a reaction; empty for a delete. As it came. */
  readonly body: string;
  /** When it was done, as its author says, in milliseconds since 1970. */
  readonly time: number;
}

/** An {@linkcode ActionChange} without the message and the side that did it. */
export type AppliedChange =
  | {
    /** An edit. */
    readonly type: "edited";
    /** The text from now on. */
    readonly text: string;
    /** The text until now. */
    readonly before: string;
  }
  | {
    /** A delete. */
    readonly type: "deleted";
    /** The text until now. */
    readonly before: string;
  }
  | {
    /** A reaction, or the end of one. */
    readonly type: "reacted";
    /** As it came: not yet safe to print. */
    readonly emoji: string;
    /** Whether the reaction is there now. */
    readonly isOn: boolean;
    /** The message's text. */
    readonly messageText: string;
  };

/** The change that an action made; texts and emoji are as they came. */
export type ActionChange = AppliedChange & {
  /** The message. */
  readonly target: MessageRef;
  /** The side that did it. */
  readonly by: "me" | "them";
};
