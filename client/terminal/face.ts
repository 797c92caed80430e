import { TextLineStream } from "@std/streams/text-line-stream";
import type { Emit } from "../events.ts";

/** What a terminal, or a pipe in its place, is to the client. */
export interface Face {
  /** Shows an event. */
  readonly emit: Emit;
  /** The lines that the user types, until there are no more. */
  readonly lines: AsyncIterable<string>;
  /** Whether a line waits until what the one before asked for is done, as scripts expect. */
  readonly inOrder: boolean;
  /** Whether a line is half typed. */
  typing(): boolean;
  /** Gives the terminal back as it was; what is still told of comes out as plain lines. */
  close(): void;
}

/** The lines of stdin, the last one also without its end. */
export function stdinLines(): AsyncIterable<string> {
  return Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
}

/** A face for scripts: one event a line, no redraw, no colour. */
export function lineFace(emit: Emit): Face {
  return { emit, lines: stdinLines(), inOrder: true, typing: () => false, close: () => {} };
}
