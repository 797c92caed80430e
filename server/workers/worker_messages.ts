import type { LinkClientMessage, LinkLogin, Login } from "../../protocol/mod.ts";
import type { Rejection } from "../admission/mod.ts";
import type { EpochStart, LogWindow, PlaceAt } from "../presence/mod.ts";
import type { Greeting, OwnMessage, SessionEnd } from "../session/mod.ts";

/** Which of the two logs. */
export type Dialect = "classic" | "mim2";

/** The state of a log; `bytes` is left out while they are the same memory as before. */
export interface LogState extends Omit<LogWindow, "bytes"> {
  readonly bytes?: Uint8Array;
  /** The additions to the log of records. */
  readonly places: readonly PlaceAt[];
  readonly starts: readonly EpochStart[];
}

/** A message from the main thread to a worker. */
export type ToWorker =
  | {
    /** Listens from now on. */
    readonly type: "start";
    readonly hostname: string | undefined;
    readonly port: number;
    readonly loginTimeoutMs: number;
    readonly greeting: Greeting;
  }
  | { readonly type: "greeting"; readonly greeting: Greeting }
  | {
    /** The answer to a question whether a connection is taken. */
    readonly type: "admitted";
    readonly question: number;
    readonly rejection: Rejection | undefined;
  }
  | {
    /** Clients may read on. */
    readonly type: "show";
    readonly dialect: Dialect;
    readonly state: LogState;
    /** When they were to, in milliseconds since 1970 of a clock that all threads share. */
    readonly since: number;
  }
  | {
    readonly type: "enter";
    readonly id: number;
    /** Which log it reads; undefined for none. */
    readonly dialect: Dialect | undefined;
    readonly first: readonly OwnMessage[];
    readonly cursor: number;
  }
  | {
    readonly type: "send";
    readonly id: number;
    readonly message: OwnMessage;
    readonly after: number;
  }
  | { readonly type: "end"; readonly id: number; readonly end: SessionEnd }
  | { readonly type: "stop" };

/** A message from a worker to the main thread. */
export type FromWorker =
  | { readonly type: "hello" }
  | { readonly type: "listening" }
  /** It can't listen. */
  | { readonly type: "failed"; readonly error: unknown }
  | {
    /** Whether a connection is taken. */
    readonly type: "admit";
    readonly question: number;
    readonly address: string;
    readonly port: number;
  }
  | {
    readonly type: "open";
    readonly id: number;
    readonly address: string;
    readonly port: number;
  }
  | { readonly type: "handshake" }
  | {
    readonly type: "login";
    readonly id: number;
    readonly login: Login | LinkLogin;
    readonly handshakeHash: Uint8Array | undefined;
  }
  | { readonly type: "message"; readonly id: number; readonly message: LinkClientMessage }
  | { readonly type: "ended"; readonly id: number; readonly end: SessionEnd }
  | { readonly type: "accept-failure"; readonly reason: string }
  | { readonly type: "broadcast"; readonly milliseconds: number }
  | {
    /** How it is doing, once a second. */
    readonly type: "state";
    /** The smallest offset that any of its clients needs in each log. */
    readonly oldest: Readonly<Record<Dialect, number>>;
    /** How many had been told to enter when it looked. */
    readonly entered: Readonly<Record<Dialect, number>>;
    /** Bytes written since the last time. */
    readonly bytesOut: number;
    /** The sessions whose bytes the system has not taken yet. */
    readonly writing: readonly number[];
  }
  | { readonly type: "stopped" };
