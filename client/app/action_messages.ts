import { displayName } from "../../protocol/mod.ts";
import type { Message } from "../core/mod.ts";

const ACTIONS = {
  edit: "Your edit",
  delete: "Your request to delete a message",
  react: "Your reaction",
  unreact: "Taking your reaction back",
} as const;

/** What waits in the outbox, as a list shows it. Not yet safe to print. */
export function describeWaiting({ text, action }: Pick<Message, "text" | "action">): string {
  switch (action?.type) {
    case undefined:
      return text;
    case "edit":
      return `edit of a message: ${text}`;
    case "delete":
      return "request to delete a message";
    case "react":
      return `reaction ${text}`;
    case "unreact":
      return `end of the reaction ${text}`;
  }
}

/** Says that an action waits in the outbox. Not yet safe to print. */
export function describeQueued({ name, action, missing }: Message): string {
  const what = action === undefined ? "Your message" : ACTIONS[action.type];
  const who = displayName(name);
  return missing === undefined
    ? `${what} waits until ${who} can be reached`
    : `${what} waits: ${describeMissing(name)}; it needs a newer MIM there`;
}

/** Says that an action was given up. Not yet safe to print. */
export function describeFailedAction({ name, action }: Message, reason: string): string {
  const what = action === undefined ? "Your message" : ACTIONS[action.type];
  return `${what} did not reach ${displayName(name)}: ${reason}`;
}

/** Says what a user's version does not know. Not yet safe to print. */
export function describeMissing(name: string, what = "edits, deletes and reactions"): string {
  return `${displayName(name)}'s version of MIM knows no ${what}`;
}
