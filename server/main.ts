/**
 * The server program; `--help` lists its options.
 *
 * @module
 */

import { onFatalError } from "./platform/cli/fatal_errors.ts";
import { ServerProgram } from "./cli/mod.ts";
import { serveClients } from "./workers/mod.ts";

// The bundled program has no other file for its workers.
const isBundled = !import.meta.url.endsWith("/main.ts");

if ("WorkerGlobalScope" in globalThis) serveClients();
else if (import.meta.main) {
  const program = new ServerProgram(isBundled ? import.meta.url : undefined);
  onFatalError((error) => void program.exitWithError(error));
  try {
    await program.exit(await program.run(Deno.args));
  } catch (error) {
    await program.exitWithError(error);
  }
}
