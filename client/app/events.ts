import type { UserBadges } from "./user_badges.ts";
import type { MessengerEvent, OnlineUser } from "../core/mod.ts";
import { describeError, type Face } from "./describe_error.ts";

/** All that a face may have to show: what the messenger tells, and what commands answer. */
export type ClientEvent =
  | Exclude<MessengerEvent, { readonly type: "error" }>
  /** Something went wrong. */
  | { readonly type: "error"; readonly text: string }
  /** This client started the server. */
  | { readonly type: "hosting"; readonly address: string }
  /** A row of /who. */
  | {
    readonly type: "user";
    readonly number: number;
    readonly user: OnlineUser;
    /** How sure it is who that is, where that is known. */
    readonly badges?: UserBadges | undefined;
  }
  /** Ends /who. */
  | {
    readonly type: "users";
    readonly count: number;
    /** What all of them have in their names, where it was asked for. */
    readonly part?: string;
  }
  /** The window's page is served there; the address lets in whoever has it. */
  | { readonly type: "window"; readonly address: string }
  | PastEvent
  /** All else. */
  | { readonly type: "note"; readonly text: string };

/** A message from the history. */
export interface PastEvent {
  readonly type: "past";
  /** Who it was said with. */
  readonly name: string;
  /** The peer's IP address, where it is not the same for all that are shown. */
  readonly address?: string;
  /** From the peer; or to it, where `failed` is what never went out. */
  readonly what: "received" | "sent" | "failed";
  /** As it came: not safe to print. */
  readonly text: string;
  /** In milliseconds since 1970. */
  readonly at: number;
  /** Whether all that is shown is of one chat. */
  readonly among: "chat" | "all";
  /** Whether it is recalled unasked: of no interest where it still can be seen. */
  readonly again?: true;
}

/** An event of the messenger as a face shows it: what went wrong is put into words. */
export function toClientEvent(event: MessengerEvent, face: Face): ClientEvent {
  if (event.type !== "error") return event;
  return { type: "error", text: describeError(event.error, face) };
}

/** Where events go: a face. */
export type Emit = (event: ClientEvent) => void;
