import type { Context } from "../app/context.ts";

/** A command that users type. /help and every face read this table, so that neither can lie. */
export interface Command {
  /** Its name, without the slash. */
  readonly name: string;
  /** What stands behind the name. */
  readonly args: string;
  /** What it does, in one line. */
  readonly help: string;
  /** A line as one would type it. */
  readonly example: string;
  /** Does it; what is thrown is shown. */
  run(console: Context, args: string): void | Promise<void>;
}
