/**
 * The window: the messenger as a page that a browser on this machine shows. It opens no socket but
 * that of its own page's server, and nothing imports it but the program, which loads it lazily.
 *
 * @module
 */

export { runWindow, type WindowOptions } from "./run.ts";
