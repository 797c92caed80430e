/**
 * The server's command line: options, settings, log, signals and exit codes.
 *
 * @module
 */

export { ServerProgram } from "./server_program.ts";
