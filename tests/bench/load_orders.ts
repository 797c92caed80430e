/** What the load's coordinator and its processes say to each other: one JSON object a line. */

/** Some of a process's users: those from a number up to, and without, another. */
export interface UserRange {
  /** The first. */
  readonly from: number;
  /** The one behind the last. */
  readonly to: number;
}

/** Which of the two a load's users speak. */
export type Dialect = "classic" | "mim2";

/** What a process is to do next. */
export interface Order {
  /** Who is to connect, and to get a login ready that is not sent yet: that one takes no time then. */
  readonly dial?: UserRange;
  /** Who is to log in. */
  readonly login?: UserRange;
  /** Who is to log out, all at once. */
  readonly logout?: UserRange;
  /** Adds that all its users together have been told of, since it started, once this is done. */
  readonly adds: number;
  /** As many Deletes. */
  readonly deletes: number;
}

/** What a process says once an order is carried out and all its users have been told. */
export type Answer =
  | {
    /** When it began, in milliseconds of the system's clock, with fractions. */
    readonly start: number;
    /** When the last update came in. */
    readonly end: number;
  }
  | {
    /** What went wrong. */
    readonly error: string;
  };
