import { TextLineStream } from "@std/streams/text-line-stream";
import type { Emit } from "../events.ts";

/** What a terminal, or a pipe in its place, is to the client. */
export interface Face {
  /** Shows an event. */
  readonly emit: Emit;
  /** The lines that the user types, until there are no more. */
  readonly lines: AsyncIterable<string>;
  /** Whether a line is half typed. */
  typing(): boolean;
  /** Gives the terminal back as it was. */
  close(): void;
}

const encoder = new TextEncoder();

/** Writes to stdout now. A reader that is gone ends the program, as it would end any filter. */
export function printLine(text: string): void {
  const bytes = encoder.encode(text + "\n");
  try {
    for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    throw error;
  }
}

/** The lines of stdin, the last one also without its end. */
export function stdinLines(): AsyncIterable<string> {
  return Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
}

/** A face for scripts: one event a line, no redraw, no colour. */
export function lineFace(emit: Emit): Face {
  return { emit, lines: stdinLines(), typing: () => false, close: () => {} };
}
