/** The next order for a process of watching users: for the users from a number to one before another. */
export type WatchingOrder =
  | {
    readonly type: "login" | "logout" | "status";
    readonly from: number;
    readonly to: number;
    /** How long it waits behind each; 0: several at a time, as fast as it goes. */
    readonly pauseMs: number;
  }
  /** How long changes of status took to be told since this was asked last. */
  | { readonly type: "latencies" };

/** The answer once an order is carried out. */
export interface WatchingAnswer {
  /** Of each login, in milliseconds; of changes of status, the median and the 99th percentile. */
  readonly times: readonly number[];
  /** How many were told of a change of status. */
  readonly count?: number;
  /** The error. */
  readonly error?: string;
}
