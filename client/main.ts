/**
 * The client's command line: options, signals, exit codes, and which face it shows.
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };
import { limits } from "../protocol/mod.ts";
import { onFatalError } from "../server/platform/cli/fatal_errors.ts";
import { UsageError } from "../server/cli/options.ts";
import { withAdvice } from "./app/advice.ts";
import { chat } from "./cli/chat_command.ts";
import { ClientError, Messenger } from "./core/mod.ts";
import { allowedEnv } from "../server/platform/cli/env.ts";
import { doctor } from "./app/doctor.ts";
import type { ClientEvent, Emit } from "./app/events.ts";
import { EXIT, exitCodeOf } from "./app/exit_codes.ts";
import {
  CLIENT_HELP,
  type ClientFlags,
  DEFAULT_SERVER,
  parseClientFlags,
  withConfig,
} from "./cli/options.ts";
import { loadIdentity } from "./storage/identity/load_identity.ts";
import { Profile } from "./storage/profile.ts";
import { sendCommand, waitCommand, whoCommand } from "./cli/scripts.ts";
import { lineFrontend, stdinLinesUpTo } from "./terminal/frontend.ts";
import { jsonLine } from "./terminal/render/json.ts";
import { Output } from "./terminal/output.ts";
import { plainLine } from "./terminal/render/plain.ts";
import { TextLines } from "./terminal/render/text.ts";
import { NO_CHATS } from "./terminal/render/view.ts";

/** A line that never ends is not kept in memory, in UTF-16 code units. */
const MAX_LINE_LENGTH = 2 ** 20;

/** What commands show; the rest is of interest only to who stays. */
const OF_COMMANDS: readonly ClientEvent["type"][] = ["user", "users", "sent", "error", "note"];

async function main(stopped: Promise<number>, output: Output): Promise<number> {
  const given = parseClientFlags(Deno.args);
  const { task } = given;
  if (task.type === "help") output.line(CLIENT_HELP);
  if (task.type === "version") output.line(`mim ${config.version}`);
  if (task.type === "help" || task.type === "version") return EXIT.done;
  const profile = await Profile.read(given.data);
  if (task.type === "key") {
    const { keyCommand } = await import("./cli/key_command.ts");
    try {
      return await Promise.race([keyCommand(task, profile, output.line), stopped]);
    } finally {
      if (Deno.stdin.isTerminal()) Deno.stdin.setRaw(false); // a signal may have come in between
    }
  }
  const flags = withConfig(given, profile.config);
  if (task.type === "window") {
    const { runWindow } = await import("./window/run.ts");
    return await runWindow({
      ...flags,
      profile,
      name: flags.name ?? systemUser(),
      enters: given.name !== undefined,
      opens: task.opens,
      stays: task.stays,
      emit: printerFor(flags, output),
    }, Promise.race([stopped, unheard(output)]));
  }
  if (task.type !== "chat") return await runCommand(flags, profile, stopped, output);
  const onTerminal = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  const lines = !onTerminal || flags.plain || flags.json;
  return await chat({
    ...flags,
    profile,
    suggestedName: systemUser(),
    lines: lines ? lineFrontend(printRecords(flags, output)) : undefined,
    typed: Deno.stdin.isTerminal(),
  }, Promise.race([stopped, unheard(output)]));
}

/** Resolves to an exit code where nobody hears any more what a chat says. */
async function unheard(output: Output): Promise<number> {
  return codeOfEnd(await output.ended);
}

/** The exit code where nothing more can be written to stdout, and to stderr why. */
function codeOfEnd(error: Error | undefined): number {
  if (error === undefined) return EXIT.done; // as any program in a pipeline whose reader has gone
  console.error(`mim: cannot write to stdout: ${error.message}`);
  return EXIT.unexpected;
}

/** Does one command and leaves. */
async function runCommand(
  flags: ClientFlags,
  profile: Profile,
  stopped: Promise<number>,
  output: Output,
): Promise<number> {
  const print = printerFor(flags, output);
  const emit: Emit = (event) => OF_COMMANDS.includes(event.type) && print(event);
  // Who sends, and who is looked at, proves the same key as whoever chats here; to look around, none is
  // made.
  using key = await loadIdentity({
    profile,
    classic: flags.classic,
    makes: flags.task.type === "send" || flags.task.type === "doctor",
    alarm: (text) => print({ type: "error", text }),
    // Nobody reads it here: unacknowledged, it goes to whoever chats.
    keep: () => {
      throw new Error("only a command runs here");
    },
  });
  const { identity, store } = key;
  const messenger = new Messenger({
    name: flags.name ?? systemUser(),
    server: flags.server ?? DEFAULT_SERVER,
    unnamedServer: !flags.serverNamed,
    listen: flags.listen,
    ...{ identity, store },
  });
  messenger.subscribe(emit);
  try {
    const { task } = flags;
    const doing = task.type === "send"
      ? sendCommand(messenger, task.to, task.text === undefined ? paced(output) : [task.text])
      : task.type === "wait"
      ? waitCommand(messenger, task.who, task.seconds)
      : task.type === "doctor"
      ? doctor(messenger, emit)
      : whoCommand(messenger, emit);
    return await Promise.race([doing, stopped]);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    print({ type: "error", text: withAdvice(error, "command") });
    return exitCodeOf(error.code);
  } finally {
    await messenger.quit();
  }
}

/** The lines of stdin, no faster than what is told of them is read. */
async function* paced(output: Output): AsyncGenerator<string, void> {
  for await (const line of stdinLinesUpTo(MAX_LINE_LENGTH)) {
    await output.ready();
    yield line;
  }
}

/** Shows events to scripts, or to who sits at a terminal. */
function printerFor(flags: ClientFlags, output: Output): Emit {
  const forScripts = flags.plain || flags.json || !Deno.stdout.isTerminal();
  return forScripts ? printRecords(flags, output) : printText(output);
}

function printRecords(flags: ClientFlags, output: Output): Emit {
  const line = flags.json ? jsonLine : plainLine;
  return (event) => output.line(line(event));
}

function printText(output: Output): Emit {
  const text = new TextLines();
  return (event) => text.of(event, new Date(), NO_CHATS).forEach(output.line);
}

/** The name of whoever is logged in at this machine, as far as that may be read. */
function systemUser(): string {
  for (const variable of ["USER", "LOGNAME", "USERNAME"]) {
    const name = allowedEnv(variable);
    if (name !== undefined && name !== "") return name;
  }
  return "guest";
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Resolves to the exit code of the first signal to stop; a second one ends the process at once. */
function stopSignal(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let stopping = false;
  const stop = (code: number) => {
    if (stopping) Deno.exit(code);
    stopping = true;
    resolve(code);
  };
  Deno.addSignalListener("SIGINT", () => stop(EXIT.interrupted));
  if (Deno.build.os !== "windows") {
    Deno.addSignalListener("SIGTERM", () => stop(EXIT.terminated));
    Deno.addSignalListener("SIGHUP", () => stop(EXIT.terminated));
  }
  return promise;
}

/** Ends the program with one line that says why. */
function fail(error: unknown): never {
  const usage = error instanceof UsageError;
  const text = error instanceof Error ? error.message : String(error);
  console.error(usage ? `mim: ${text}` : `mim: unexpected: ${text}`);
  Deno.exit(usage ? EXIT.usage : EXIT.unexpected);
}

if (import.meta.main) {
  onFatalError(fail);
  const output = new Output(Deno.stdout);
  const stopped = stopSignal();
  try {
    const code = await main(stopped, output);
    // Whoever reads slowly gets all of it, unless a signal says that there is no time.
    await Promise.race([output.flushed(), stopped.then(() => pause(limits.lingerTime))]);
    // A command whose answer could not be written has not done what it was asked for.
    const lost = code === EXIT.done ? await Promise.race([output.ended, undefined]) : undefined;
    Deno.exit(lost === undefined ? code : codeOfEnd(lost));
  } catch (error) {
    fail(error);
  }
}
