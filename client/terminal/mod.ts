/**
 * The terminal as a face: a prompt for people, and lines for scripts. Shows events and yields typed
 * lines; what a line means is decided elsewhere.
 *
 * @module
 */

export { eventPrinter, type Frontend, lineFrontend, stdinLinesUpTo } from "./frontend.ts";
export { errorText, safeJson } from "./render/mod.ts";
export { openPasswordPrompt, openPrompt } from "./open_prompt.ts";
export type { PasswordPrompt } from "./input/mod.ts";
export type { PromptUi } from "./prompt_ui.ts";
export { wrappedPrinter } from "./wrapped_printer.ts";
