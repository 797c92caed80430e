/**
 * The line that is typed at a terminal: keys, editing, completion, recall and drawing. Knows nothing of
 * chats or of what a line means.
 *
 * @module
 */

export { complete, type CompletionSource } from "./completion.ts";
export { LineEditor } from "./line_editor.ts";
export { InputParser } from "./input_parser.ts";
export { PasswordPrompt } from "./password_prompt.ts";
export { SCREEN } from "./screen.ts";
export { wrapLine } from "./wrap.ts";
