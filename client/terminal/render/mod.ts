/**
 * Events as lines: for people, for scripts, and as JSON. All text from others is made safe to print
 * here, and nowhere is anything written.
 *
 * @module
 */

export { formatBrief } from "./format.ts";
export { jsonLine, safeJson } from "./json.ts";
export { plainLine } from "./plain.ts";
export { errorText } from "./record.ts";
export { dim, type LineOf, lineWith, named, roomNamed } from "./styled_text.ts";
export { TextLines } from "./text.ts";
export { isNamed, NO_CHATS, type View } from "./view.ts";
