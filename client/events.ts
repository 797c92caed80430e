import type { MessengerEvent, OnlineUser } from "./core/mod.ts";

/** All that a face may have to show: what the messenger tells, and what commands answer. */
export type ClientEvent =
  | MessengerEvent
  /** This client started the server. */
  | { readonly kind: "hosting"; readonly address: string }
  /** A row of /who. */
  | { readonly kind: "user"; readonly number: number; readonly user: OnlineUser }
  /** Ends /who. */
  | { readonly kind: "users"; readonly count: number }
  /** Something said earlier, to recall what a chat was about; scripts are not told. */
  | {
    readonly kind: "past";
    /** The peer. */
    readonly name: string;
    readonly from: "me" | "them";
    readonly text: string;
    /** In milliseconds since 1970. */
    readonly at: number;
  }
  /** All else. */
  | { readonly kind: "note"; readonly text: string };

/** Where events go: a face. */
export type Emit = (event: ClientEvent) => void;
