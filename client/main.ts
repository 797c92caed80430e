/**
 * The client's command line: options, signals, exit codes, and which face it shows.
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };
import { UsageError } from "../server/options.ts";
import { adviceFor } from "./advice.ts";
import { chat } from "./chat.ts";
import { ClientError, Messenger } from "./core/mod.ts";
import type { ClientEvent, Emit } from "./events.ts";
import { EXIT, exitCodeOf } from "./exit.ts";
import { CLIENT_HELP, type ClientFlags, parseClientFlags } from "./options.ts";
import { send, wait, who } from "./scripts.ts";
import { lineFace, printLine, stdinLines } from "./terminal/face.ts";
import { jsonLine } from "./terminal/json.ts";
import { plainLine } from "./terminal/plain.ts";
import { TextLines } from "./terminal/text.ts";

const LOCAL = { hostname: "localhost", port: 4242 };
/** What commands show; the rest is of interest only to who stays. */
const OF_COMMANDS: readonly ClientEvent["kind"][] = ["user", "users", "sent", "error", "note"];

async function main(stopped: Promise<number>): Promise<number> {
  const flags = parseClientFlags(Deno.args);
  const { task } = flags;
  if (task.kind === "help") printLine(CLIENT_HELP);
  if (task.kind === "version") printLine(`mim ${config.version}`);
  if (task.kind === "help" || task.kind === "version") return EXIT.done;
  if (task.kind !== "chat") return await runCommand(flags, stopped);
  const onTerminal = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  return await chat({
    server: flags.server ?? LOCAL,
    listen: flags.listen,
    name: flags.name,
    suggestedName: systemUser(),
    mayHost: flags.mayHost && flags.server === undefined,
    lines: onTerminal && !flags.plain && !flags.json ? undefined : lineFace(printRecords(flags)),
    stays: Deno.stdin.isTerminal(),
  }, stopped);
}

/** Does one command and leaves. */
async function runCommand(flags: ClientFlags, stopped: Promise<number>): Promise<number> {
  const messenger = new Messenger({
    name: flags.name ?? systemUser(),
    server: flags.server ?? LOCAL,
    listen: flags.listen,
  });
  const forScripts = flags.plain || flags.json || !Deno.stdout.isTerminal();
  const print = forScripts ? printRecords(flags) : printText();
  const emit: Emit = (event) => OF_COMMANDS.includes(event.kind) && print(event);
  messenger.subscribe(emit);
  try {
    const { task } = flags;
    const doing = task.kind === "send"
      ? send(messenger, task.to, task.text === undefined ? stdinLines() : [task.text])
      : task.kind === "wait"
      ? wait(messenger, task.who, task.seconds)
      : who(messenger, emit);
    return await Promise.race([doing, stopped]);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    print({ kind: "error", text: error.message + adviceFor(error.code) });
    return exitCodeOf(error.code);
  } finally {
    await messenger.quit();
  }
}

function printRecords(flags: ClientFlags): Emit {
  return flags.json
    ? (event) => printLine(jsonLine(event))
    : (event) => printLine(plainLine(event));
}

function printText(): Emit {
  const text = new TextLines();
  return (event) => text.of(event, new Date(), undefined).forEach(printLine);
}

/** The name of whoever is logged in at this machine, as far as that may be read. */
function systemUser(): string {
  for (const variable of ["USER", "LOGNAME", "USERNAME"]) {
    const allowed = Deno.permissions.querySync({ name: "env", variable }).state === "granted";
    const name = allowed ? Deno.env.get(variable) : undefined;
    if (name !== undefined && name !== "") return name;
  }
  return "guest";
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

if (import.meta.main) {
  try {
    Deno.exit(await main(stopSignal()));
  } catch (error) {
    const usage = error instanceof UsageError;
    const text = error instanceof Error ? error.message : String(error);
    console.error(usage ? `mim: ${text}` : `mim: unexpected: ${text}`);
    Deno.exit(usage ? EXIT.usage : EXIT.unexpected);
  }
}
