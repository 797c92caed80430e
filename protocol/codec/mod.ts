/**
 * Frames, lines and the fields in them: how bytes become pieces, with no meaning yet.
 *
 * @module
 */

export * from "./decoder.ts";
export * from "./frame.ts";
export * from "./line.ts";
export * from "./qdata_stream.ts";
