import config from "../../deno.json" with { type: "json" };
import { sanitizeText } from "../../protocol/mod.ts";
import { delay } from "@std/async/delay";
import { allowedEnv } from "../../server/platform/cli/env.ts";
import { type Emit, EXIT } from "../app/mod.ts";
import { NoKeyError, Profile } from "../storage/mod.ts";
import { isYes, NO_KEY_QUESTION } from "./no_key_question.ts";
import {
  errorText,
  eventPrinter,
  lineFrontend,
  openPasswordPrompt,
  wrappedPrinter,
} from "../terminal/mod.ts";
import { assertNotLocked, CLIENT_HELP, parseClientOptions, withConfig } from "./options.ts";
import { clientLimits } from "../core/mod.ts";
import { UsageError } from "../../server/platform/cli/flags.ts";
import { stopSignal } from "../../server/platform/cli/signals.ts";
import { reasonOf } from "../../server/platform/util/errors.ts";
import {
  encoderOf,
  isDumbTerminal,
  otherCharset,
} from "../../server/platform/cli/terminal_charset.ts";
import { LineWriter } from "../../server/platform/cli/line_writer.ts";

/** The exit code for each signal that stops the client. */
const STOP_CODES = {
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
  SIGHUP: EXIT.terminated,
  // By default these would end the program with the terminal in raw mode.
  SIGQUIT: 128 + 3,
  SIGABRT: 128 + 6,
  SIGUSR1: 128 + 10,
  SIGUSR2: 128 + 12,
  SIGALRM: 128 + 14,
  SIGSTKFLT: 128 + 16,
  SIGXCPU: 128 + 24,
  SIGVTALRM: 128 + 26,
  SIGPROF: 128 + 27,
  SIGIO: 128 + 29,
  SIGPWR: 128 + 30,
  SIGSYS: 128 + 31,
};

/** @throws {UsageError} if the command line or the config file is wrong */
export async function runClient(args: readonly string[]): Promise<number> {
  const output = new LineWriter(Deno.stdout, { encode: encoderOf(Deno.stdout) });
  const errors = new LineWriter(Deno.stderr, {
    droppedLine: (count) => `mim: ${count} errors could not be written`,
    encode: encoderOf(Deno.stderr),
  });
  const stopped = stopSignal(STOP_CODES).then((signal) => STOP_CODES[signal]);
  const closed = output.ended.then(codeOfClosedOutput);
  const code = await run(args, stopped, closed, output, errors).finally(async () => {
    // A slow reader gets all of the output, also before an error, unless a signal says that there is no time.
    await Promise.race([output.flushed(), stopped.then(() => delay(clientLimits.lingerTimeoutMs))]);
    await errors.flushed(clientLimits.lingerTimeoutMs);
  });
  // A command whose output could not be written has failed.
  return code === EXIT.done ? await Promise.race([closed, code]) : code;
}

/** Ends the program with one line that says why. */
export function exitWithError(error: unknown): never {
  const usage = error instanceof UsageError;
  const text = reasonOf(error);
  console.error(usage ? `mim: ${text}` : `mim: Unexpected error: ${text}`);
  Deno.exit(usage ? EXIT.usage : EXIT.unexpected);
}

async function run(
  args: readonly string[],
  stopped: Promise<number>,
  closed: Promise<number>,
  output: LineWriter,
  errors: LineWriter,
): Promise<number> {
  const given = parseClientOptions(args);
  const { task } = given;
  if (task.type === "help") output.line(CLIENT_HELP);
  if (task.type === "version") output.line(`mim ${config.version}`);
  if (task.type === "help" || task.type === "version") return EXIT.done;
  if (task.type === "install") {
    const { installCommand } = await import("./install_command.ts");
    const canAsk = Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
    const ask = async (question: string) => await (await openPasswordPrompt()).line(question);
    const print = (line: string) => output.line(sanitizeText(line));
    return await Promise.race([installCommand(task, print, canAsk ? ask : undefined), stopped]);
  }
  const profile = await Profile.read(given.data);
  if (task.type === "key") {
    const { keyCommand } = await import("./key_command.ts");
    try {
      return await Promise.race([keyCommand(task, profile, output.line), stopped]);
    } finally {
      if (Deno.stdin.isTerminal()) Deno.stdin.setRaw(false); // a signal may have come in between
    }
  }
  assertNotLocked(given, profile);
  // A person reads what is wrong and chats without it; a script may rely on the value.
  const isFace = task.type === "window" || (task.type === "chat" && Deno.stdin.isTerminal());
  if (!isFace && profile.problems.length > 0) throw new UsageError(profile.problems.join("\n"));
  for (const problem of profile.problems) {
    errors.line(`mim: ${problem}. MIM goes on without it`);
  }
  for (const key of profile.overridden) {
    errors.line(`mim: ${key} in your config file is not used: ${profile.whyLocked(key)}`);
  }
  const configured = withConfig(given, profile.config);
  const isConfigured = isFace && Object.keys(given.listen).length === 0;
  const flags = {
    ...configured,
    listen: { ...configured.listen, ...isConfigured && { isConfigured } },
  };
  const systemName = systemUser();
  const suggestedName = systemName ?? "guest";
  const ended = Promise.race([stopped, closed]);
  const isForScripts = flags.plain || flags.json;
  const format = flags.json ? "json" : isForScripts || !Deno.stdout.isTerminal() ? "plain" : "text";
  const isRead = format === "text" && task.type !== "chat" && task.type !== "window";
  const print = (line: string) => output.line(line);
  const emit = withErrors(
    eventPrinter(format, isRead ? await wrappedPrinter(print) : print),
    (format === "text" && task.type !== "window") || (task.type === "ask" && !isForScripts)
      ? "only-errors"
      : "both",
    errors,
  );
  switch (task.type) {
    case "window": {
      const { runWindow } = await import("../window/mod.ts");
      const { opens, stays } = task;
      const { name: known, autologin = true } = profile.config;
      const enters = given.name !== undefined || (known !== undefined && autologin);
      const name = flags.name ?? systemName ?? "";
      // Someone who names a server or a user means another window.
      const reuses = given.name === undefined && given.server === undefined;
      const setup = { profile, name, enters, opens, stays, reuses, emit };
      try {
        return await runWindow({ ...flags, ...setup }, ended);
      } catch (error) {
        const canAsk = Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
        if (!(error instanceof NoKeyError) || !canAsk) throw error;
        const goesOn = await Promise.race([askForNoKey(error), ended]);
        if (goesOn !== true) return goesOn === false ? EXIT.usage : goesOn;
        const noKey = { classic: true, whyNoKey: error.reason };
        return await runWindow({ ...flags, ...setup, ...noKey }, ended);
      }
    }
    case "chat": {
      const typed = Deno.stdin.isTerminal();
      const draws = typed && !isDumbTerminal() && otherCharset() === undefined;
      const lines = format === "text" && draws ? undefined : lineFrontend(
        withErrors(eventPrinter(flags.json ? "json" : "plain", print), "both", errors),
      );
      const { chat } = await import("./chat_command.ts");
      const enters = given.name !== undefined || profile.config.autologin !== false;
      return await chat({ ...flags, profile, suggestedName, lines, enters, typed }, ended);
    }
    case "history": {
      const { historyCommand } = await import("./history_command.ts");
      const alarm = (text: string) => errors.line(`mim: ${sanitizeText(text)}`);
      return await Promise.race([historyCommand(task, profile, output, alarm), ended]);
    }
    case "servers": {
      const { serversCommand } = await import("./servers_command.ts");
      return await serversCommand(profile, emit, stopped);
    }
    default: {
      const name = flags.name ?? suggestedName;
      const isNameGiven = flags.name !== undefined;
      const setup = { ...flags, name, isNameGiven, task, profile, emit, output };
      const writesEvents = isForScripts;
      // Sending goes on without a reader of stdout; printing does not.
      const end = task.type === "follow" ? ended : stopped;
      const { runScriptCommand } = await import("./script_command.ts");
      return await runScriptCommand({ ...setup, writesEvents }, end);
    }
  }
}

/**
 * Writes errors to stderr as well, or there alone, so that nobody takes one for output. On a terminal
 * that shows both outputs, each is shown once.
 */
function withErrors(emit: Emit, where: "both" | "only-errors", errors: LineWriter): Emit {
  const isShownTwice = where === "both" && Deno.stdout.isTerminal() && Deno.stderr.isTerminal();
  return (event) => {
    const text = errorText(event);
    if (text === undefined || where === "both") emit(event);
    if (text !== undefined && !isShownTwice) errors.line(`mim: ${sanitizeText(text)}`);
  };
}

/** Whether the user goes on without a key. */
async function askForNoKey(error: NoKeyError): Promise<boolean> {
  const question = `mim: ${sanitizeText(error.message)}\n${NO_KEY_QUESTION}`;
  return isYes(await (await openPasswordPrompt()).line(question) ?? "");
}

/** The exit code if stdout can't be written to any more; says why on stderr. */
function codeOfClosedOutput(error: Error | undefined): number {
  if (error === undefined) return EXIT.done; // the reader of the pipe has gone
  console.error(`mim: Cannot write to stdout: ${reasonOf(error)}`);
  return EXIT.unexpected;
}

/** The name under which the user is logged in on this machine, if that may be read. */
function systemUser(): string | undefined {
  for (const variable of ["USER", "LOGNAME", "USERNAME"]) {
    const name = allowedEnv(variable);
    if (name !== undefined && name !== "") return name;
  }
  return undefined;
}
