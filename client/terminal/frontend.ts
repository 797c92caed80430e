import { type Emit, FaceGuard } from "../app/mod.ts";
import { decoderLabel, otherCharset } from "../../server/platform/cli/terminal_charset.ts";
import { UsageError } from "../../server/platform/cli/flags.ts";
import { reasonOf } from "../../server/platform/util/errors.ts";
import { jsonLine, NO_CHATS, plainLine, TextLines } from "./render/mod.ts";

// deno-lint-ignore no-control-regex
const PASTE_MARKS = /\x1b\[20[01]~/g;

/** A terminal, or a pipe in its place. */
export interface Frontend {
  readonly emit: Emit;
  /** The typed lines, until the input ends. */
  readonly lines: AsyncIterable<string>;
  /** Whether each line waits until the one before is done, as scripts expect. */
  readonly inOrder: boolean;
  /** Whether a line is half typed. */
  isTyping(): boolean;
  /** Restores the terminal; later events are printed as plain lines. */
  close(): void;
}

/**
 * The lines of stdin; the last one may lack its line break. Reading throws a {@linkcode UsageError} if stdin
 * can't be read, as a folder.
 */
export function stdinLines(): AsyncIterable<string> {
  return linesOf(stdinText);
}

/** The lines of stdin; a line longer than this, in UTF-16 units, is cut and is the last. */
export function stdinLinesUpTo(longest: number): AsyncIterable<string> {
  return linesOf(() => stdinText().pipeThrough(endingIn(longest)));
}

/** Streams take a while to load, and most commands read nothing: they are loaded once lines are read. */
async function* linesOf(text: () => ReadableStream<string>): AsyncGenerator<string, void> {
  const { TextLineStream } = await import("@std/streams/text-line-stream");
  const typed = Deno.stdin.isTerminal() ? text().pipeThrough(await onlyText()) : text();
  try {
    yield* typed.pipeThrough(new TextLineStream());
  } catch (error) {
    const reason = error instanceof Deno.errors.IsADirectory ? "it is a folder" : reasonOf(error);
    throw new UsageError(`Cannot read stdin: ${reason}`);
  }
}

/**
 * Drops the sequences of keys and answers: a terminal that is not drawn on has no use for them. It hands
 * over whole lines, and nothing goes on beyond one.
 */
async function onlyText(): Promise<TransformStream<string, string>> {
  const { InputParser } = await import("./input/mod.ts");
  let parser = new InputParser();
  return new TransformStream({
    transform(chunk, controller) {
      for (const part of chunk.replace(PASTE_MARKS, "").split(/(?<=\n)/)) {
        const line = part.replace(/\r?\n$/, "");
        for (const input of parser.push(line)) {
          if (input.type === "text") controller.enqueue(input.text);
          else if (input.type === "keys" && !input.keys.startsWith("\x1b")) {
            controller.enqueue(input.keys);
          }
        }
        if (line === part) continue;
        parser = new InputParser();
        controller.enqueue("\n");
      }
    },
  });
}

function stdinText(): ReadableStream<string> {
  const charset = Deno.stdin.isTerminal() ? otherCharset() : undefined;
  const label = charset === undefined ? undefined : decoderLabel(charset);
  return Deno.stdin.readable.pipeThrough(new TextDecoderStream(label));
}

/** Ends a text at a line that is too long. */
function endingIn(longest: number): TransformStream<string, string> {
  let length = 0;
  return new TransformStream({
    transform(chunk, controller) {
      const at = chunk.lastIndexOf("\n");
      length = at < 0 ? length + chunk.length : chunk.length - at - 1;
      controller.enqueue(chunk);
      if (length > longest) controller.terminate();
    },
  });
}

/** The frontend for scripts: one event a line, no redraw, no colors. */
export function lineFrontend(emit: Emit): Frontend {
  return { emit, lines: stdinLines(), inOrder: true, isTyping: () => false, close: () => {} };
}

/** Prints events: as text for people, or as records for scripts. */
export function eventPrinter(
  format: "text" | "plain" | "json",
  print: (line: string) => void,
): Emit {
  const show = printer(format, print);
  const guard = new FaceGuard((text) => show({ type: "error", text }));
  return (event) => guard.run(event.type, () => show(event));
}

function printer(format: "text" | "plain" | "json", print: (line: string) => void): Emit {
  if (format !== "text") {
    const lineOf = format === "json" ? jsonLine : plainLine;
    return (event) => print(lineOf(event));
  }
  const text = new TextLines();
  return (event) => text.of(event, new Date(), NO_CHATS).forEach(print);
}
