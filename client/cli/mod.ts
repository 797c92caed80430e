/**
 * The client's command line: options, commands and exit codes. Chooses the face and starts it; what a
 * chat is, the rooms below know.
 *
 * @module
 */

export { exitWithError, runClient } from "./run_client.ts";
