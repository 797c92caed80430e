/**
 * The central server's command line: options, signals, exit codes.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import config from "../deno.json" with { type: "json" };
import { formatAddress, keyTag } from "../protocol/mod.ts";
import { defaultDataDir } from "./identity/data_dir.ts";
import { describeServerListenError, reasonOf } from "./platform/util/errors.ts";
import type { HttpServer } from "./metrics/http_server.ts";
import { joinHint } from "./join_hint.ts";
import { LineWriter } from "./platform/cli/line_writer.ts";
import { logToStderr } from "./cli/log.ts";
import {
  type LogLevel,
  parseServerFlags,
  SERVER_HELP,
  type ServerFlags,
  UsageError,
} from "./cli/options.ts";
import { DataDirError } from "./identity/server_identity.ts";
import { MimServer } from "./server.ts";
import type { ServerOptions } from "./options.ts";
import { readSettings } from "./cli/reloadable_settings.ts";
import { onFatalError } from "./platform/cli/fatal_errors.ts";
import { localInterfaces } from "./platform/net/interfaces.ts";

const EXIT = { stopped: 0, unexpected: 1, usage: 2, cannotListen: 3 };
/** How long the end waits for what is to be read, in milliseconds. */
const LAST_WORDS = 500;

const logger = getLogger(["mim", "server"]);

const stdout = new LineWriter(Deno.stdout, (dropped) => `${dropped} lines dropped`);
/** What stderr is written through once the log is on. */
let log: LineWriter | undefined;

async function main(): Promise<number> {
  // One that comes before there is anything to change must not end the program.
  let early = false;
  let readAnew = () => void (early = true);
  onSignal("SIGHUP", () => readAnew());
  const flags = parseServerFlags(Deno.args);
  if (flags.help || flags.version) {
    console.log(flags.help ? SERVER_HELP : `mim-server ${config.version}`);
    return EXIT.stopped;
  }
  const settings = await readSettings(flags);
  log = await logToStderr(flags.log, flags.logFormat);
  const metrics = flags.metrics && new (await import("./metrics/metrics.ts")).Metrics();
  let server: MimServer;
  try {
    server = listen(flags, { ...settings, onTold: metrics?.told });
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    complain(
      `mim-server: ${describeServerListenError(error, flags.hostname, flags.port, "--hostname")}`,
    );
    return EXIT.cannotListen;
  }
  let http: HttpServer | undefined;
  if (flags.metrics !== undefined) {
    const { hostname, port } = flags.metrics;
    try {
      http = metrics?.serve(server, flags.metrics);
    } catch (error) {
      complain(
        `mim-server: --metrics: ${describeServerListenError(error, hostname, port, "--metrics")}`,
      );
      await server.close();
      return EXIT.cannotListen;
    }
  }
  // Before anybody is told that it runs: whoever is may send a signal.
  const stopped = stopSignal();
  stdout.line(`listening on ${formatAddress(server.hostname, server.port)}`);
  stdout.line(joinHint(server.hostname, server.port, localInterfaces()));
  const { publicKey } = server;
  const dialects = publicKey === undefined ? "classic MIM" : `MIM/2, key ${keyTag(publicKey)}`;
  logger.info("started, version {version}, {dialects}", { version: config.version, dialects });
  if (http !== undefined) {
    const { hostname, port } = http.addr;
    logger.info("metrics at http://{address}/metrics", { address: formatAddress(hostname, port) });
  }
  if (flags.status !== undefined) setInterval(statusOf(server, flags.log), flags.status * 1000);
  readAnew = () => void change(server, flags);
  if (early) readAnew();
  const signal = await stopped;
  logger.info("stopping on {signal}", { signal });
  await Promise.all([server.close(), http?.close()]);
  return EXIT.stopped;
}

/** Starts the server: without MIM/2, and with a warning, where its data folder can't be used. */
function listen(flags: ServerFlags, options: ServerOptions): MimServer {
  const { hostname, port, claimDays, strictNames } = flags;
  const data = flags.data ?? defaultDataDir();
  const classic = { ...options, hostname, port };
  try {
    if (data !== undefined) return MimServer.listen({ ...classic, data, claimDays, strictNames });
    noMim2("the system names no data folder; name one with --data DIR");
  } catch (error) {
    if (!(error instanceof DataDirError)) throw error;
    noMim2(error.message);
  }
  return MimServer.listen(classic);
}

/** A key that were another at each start would be worse than none: every client would complain. */
function noMim2(reason: string): void {
  logger.warning("no MIM/2, classic MIM only: {reason}", { reason });
}

/** Reads the welcome and the limits again; what can't be used is logged, and the old stays. */
async function change(server: MimServer, flags: ServerFlags): Promise<void> {
  try {
    server.change(await readSettings(flags));
    logger.info("read the welcome and the limits anew");
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof RangeError)) throw error;
    logger.error("kept the old welcome and limits: {reason}", { reason: error.message });
  }
}

/**
 * A function that logs how the server is doing, and how much was going on since it last did: whoever
 * asks for that is shown it, whatever the level.
 */
function statusOf(server: MimServer, shown: LogLevel): () => void {
  const level = shown === "trace" || shown === "debug" ? "info" : shown;
  let since = performance.now();
  let told = 0;
  return () => {
    const { users, connections, updates } = server.stats;
    const rate = (updates - told) / ((performance.now() - since) / 1000);
    since = performance.now();
    told = updates;
    logger[level](
      "status: {users} users, {connections} connections, {rate} updates/s, {memory} MiB",
      {
        users,
        connections,
        rate: Number(rate.toFixed(1)),
        memory: Math.round(Deno.memoryUsage().rss / 2 ** 20),
      },
    );
  };
}

/** Listens for a signal, where the system has it. */
function onSignal(signal: Deno.Signal, listener: () => void): void {
  if (Deno.build.os !== "windows") Deno.addSignalListener(signal, listener);
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function stopSignal(): Promise<Deno.Signal> {
  const { promise, resolve } = Promise.withResolvers<Deno.Signal>();
  let stopping = false;
  const stop = (signal: Deno.Signal) => {
    if (stopping) Deno.exit(EXIT.stopped);
    stopping = true;
    resolve(signal);
  };
  Deno.addSignalListener("SIGINT", () => stop("SIGINT"));
  onSignal("SIGTERM", () => stop("SIGTERM"));
  return promise;
}

/** Says on stderr why the program ends. */
function complain(text: string): void {
  if (log === undefined) console.error(text);
  else log.line(text);
}

/** Says on stderr why the program can't go on, and returns its exit code. */
function codeOf(error: unknown): number {
  const usage = error instanceof UsageError;
  complain(`mim-server: ${usage ? "" : "unexpected: "}${reasonOf(error)}`);
  return usage ? EXIT.usage : EXIT.unexpected;
}

/** Ends the program, once what it said is read or nobody reads it. */
async function end(code: number): Promise<never> {
  await Promise.all([stdout.flushed(LAST_WORDS), log?.flushed(LAST_WORDS)]);
  Deno.exit(code);
}

if (import.meta.main) {
  onFatalError((error) => void end(codeOf(error)));
  await main().catch(codeOf).then(end);
}
