/**
 * The client program; `--help` lists its options and commands.
 *
 * @module
 */

import { onFatalError } from "../server/platform/cli/fatal_errors.ts";
import { exitWithError, runClient } from "./cli/mod.ts";

if (import.meta.main) {
  onFatalError(exitWithError);
  try {
    Deno.exit(await runClient(Deno.args));
  } catch (error) {
    exitWithError(error);
  }
}
