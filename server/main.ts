/**
 * The central server's command line: options, signals, exit codes.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import config from "../deno.json" with { type: "json" };
import { formatAddress } from "../protocol/mod.ts";
import { joinAddress, joinCommand, localInterfaces } from "./join_command.ts";
import { logToStderr } from "./logging.ts";
import { parseServerFlags, SERVER_HELP, type ServerFlags, UsageError } from "./options.ts";
import { MimServer } from "./server.ts";

const EXIT = { stopped: 0, unexpected: 1, usage: 2, cannotListen: 3 };

async function main(): Promise<number> {
  let flags: ServerFlags;
  let welcome: string;
  try {
    flags = parseServerFlags(Deno.args);
    if (flags.help || flags.version) {
      console.log(flags.help ? SERVER_HELP : `mim-server ${config.version}`);
      return EXIT.stopped;
    }
    welcome = flags.welcome === undefined ? shortWelcome(flags) : await readWelcome(flags.welcome);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`mim-server: ${error.message}`);
    return EXIT.usage;
  }
  await logToStderr(flags.log, flags.logFormat);
  let server: MimServer;
  try {
    server = MimServer.listen({ ...flags, welcome });
  } catch (error) {
    console.error(`mim-server: ${whyNoServer(error, flags)}`);
    return error instanceof RangeError ? EXIT.usage : EXIT.cannotListen;
  }
  console.log(`listening on ${formatAddress(server.hostname, server.port)}`);
  const address = joinAddress(server.hostname, server.port, localInterfaces());
  console.log(`others join with: ${joinCommand(address)}`);
  const signal = await stopSignal();
  getLogger(["mim", "server"]).info("stopping on {signal}", { signal });
  await server.close();
  return EXIT.stopped;
}

function shortWelcome(flags: ServerFlags): string {
  const title = flags.title ?? hostname() ?? "MIM";
  return `Welcome to ${title}.\nThis server only knows who is online: you chat directly with each other.`;
}

function hostname(): string | undefined {
  const allowed = Deno.permissions.querySync({ name: "sys", kind: "hostname" });
  return allowed.state === "granted" ? Deno.hostname() : undefined;
}

async function readWelcome(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new UsageError(`cannot read the welcome from ${path}: ${messageOf(error)}`);
  }
}

function whyNoServer(error: unknown, { hostname, port }: ServerFlags): string {
  const where = hostname === undefined ? `port ${port}` : formatAddress(hostname, port);
  const why = `cannot listen on ${where}: `;
  if (error instanceof RangeError) return `the welcome is too long: ${error.message}`;
  if (error instanceof Deno.errors.AddrInUse) {
    return why +
      "it is in use, perhaps by another MIM server; stop that one or choose another --port";
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return why + "this machine has no such address; choose one of its own, or leave --hostname out";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return why +
      "the system does not allow it; ports below 1024 need more rights, choose a higher --port";
  }
  return why + messageOf(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function stopSignal(): Promise<Deno.Signal> {
  const { promise, resolve } = Promise.withResolvers<Deno.Signal>();
  let stopping = false;
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) {
    Deno.addSignalListener(signal, () => {
      if (stopping) Deno.exit(EXIT.stopped);
      stopping = true;
      resolve(signal);
    });
  }
  return promise;
}

if (import.meta.main) {
  try {
    Deno.exit(await main());
  } catch (error) {
    console.error(`mim-server: unexpected: ${messageOf(error)}`);
    Deno.exit(EXIT.unexpected);
  }
}
