/**
 * The server program; `--help` lists its options.
 *
 * @module
 */

import { onFatalError } from "./platform/cli/fatal_errors.ts";
import { ServerProgram } from "./cli/mod.ts";

if (import.meta.main) {
  const program = new ServerProgram();
  onFatalError((error) => void program.exitWithError(error));
  try {
    await program.exit(await program.run(Deno.args));
  } catch (error) {
    await program.exitWithError(error);
  }
}
