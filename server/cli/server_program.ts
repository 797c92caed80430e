import { getLogger } from "@logtape/logtape";
import config from "../../deno.json" with { type: "json" };
import { formatAddress, isLoopback } from "../../protocol/mod.ts";
import { type Announcement, announceServer } from "../discovery/mod.ts";
import { DataDirError, defaultDataDir, whyNoDataDir } from "../identity/mod.ts";
import { joinHint, joinLink } from "../join_hint.ts";
import type { MetricsServer } from "../metrics/mod.ts";
import type { ClusterOptions, ServerOptions } from "../options.ts";
import { splitPathList } from "../platform/cli/env.ts";
import { UsageError } from "../platform/cli/flags.ts";
import { encoderOf, otherCharset } from "../platform/cli/terminal_charset.ts";
import { LineWriter } from "../platform/cli/line_writer.ts";
import { onSignal, stopSignal } from "../platform/cli/signals.ts";
import { localInterfaces } from "../platform/net/interfaces.ts";
import type { LeaseFile } from "../platform/storage/lease_file.ts";
import { BurstCleanup } from "../platform/util/burst_cleanup.ts";
import { reasonOf } from "../platform/util/errors.ts";
import { MimServer } from "../server.ts";
import { describeServerListenError } from "./errors.ts";
import { logToStderr } from "./log.ts";
import { openLease } from "./open_lease.ts";
import { operatorCommand } from "./operator_command.ts";
import { type LogLevel, SERVER_HELP, type ServerCliOptions } from "./options.ts";
import { readServerOptions } from "./server_file.ts";
import { notifyReady } from "./notify_ready.ts";
import { readAccessRules, readSettings } from "./reloadable_settings.ts";
import { logMetrics, serveStandbyMetrics } from "./standby_metrics.ts";

const EXIT = { stopped: 0, unexpected: 1, usage: 2, cannotListen: 3 };
const STOPS = { SIGINT: EXIT.stopped, SIGTERM: EXIT.stopped };
/** How long the end waits for a reader of the last lines. */
const FLUSH_TIMEOUT_MS = 500;
const MAX_UNREAD_BYTES = 1024 * 1024;
/** How often it looks whether a burst of logins is over. */
const CLEANUP_INTERVAL_MS = 3_000;

const logger = getLogger(["mim", "server"]);

/** The server program: its output, its log, and how it ends. */
export class ServerProgram {
  readonly #stdout = new LineWriter(Deno.stdout, {
    maxUnreadBytes: MAX_UNREAD_BYTES,
    droppedLine: (count) => `${count} lines dropped`,
    encode: encoderOf(Deno.stdout),
  });
  /** Writes to stderr, once the log is on. */
  #log: LineWriter | undefined;
  /** The action for SIGHUP; undefined while nothing is served. */
  #reload: (() => void) | undefined;
  #isReloadDue = false;
  readonly #workerModule: string | undefined;

  /** @param workerModule what workers run, if they can't run a module of their own */
  constructor(workerModule?: string) {
    this.#workerModule = workerModule;
  }

  /** Runs the server until a signal stops it; resolves to the exit code. */
  async run(args: readonly string[]): Promise<number> {
    // A SIGHUP that comes before there is anything to reload must not end the program.
    onSignal(
      "SIGHUP",
      () => this.#reload === undefined ? this.#isReloadDue = true : this.#reload(),
    );
    const lines = await operatorCommand(args);
    if (lines !== undefined) {
      for (const line of lines) this.#stdout.line(line);
      return EXIT.stopped;
    }
    const options = await readServerOptions(args);
    if (options.help || options.version) {
      console.log(options.help ? SERVER_HELP : `mim-server ${config.version}`);
      return EXIT.stopped;
    }
    const split = splitPathList(["HOME", "XDG_STATE_HOME", "LOCALAPPDATA"]);
    if (split !== undefined) {
      throw new UsageError(
        `The comma in ${split} splits the list of folders that this program may use, so it would use ` +
          "others. Run deno run -A server/main.ts instead, or the compiled program",
      );
    }
    if (options.cluster !== undefined) {
      const { endWithParent, needsNatsProcess, runWithNats } = await import("./nats_process.ts");
      if (needsNatsProcess()) return await runWithNats(args);
      void endWithParent();
    }
    if (options.failover === undefined) return await this.#serve(options);
    return await this.#standBy(options, options.failover);
  }

  /** Serves while this server holds the lease, and waits for it again if it is lost. */
  async #standBy(options: ServerCliOptions, seconds: number): Promise<number> {
    await readSettings(options); // a mistake ends the start, not the first time that this server is needed
    await readAccessRules(options);
    this.#log = await logToStderr(options.log, options.logFormat);
    const stopped = stopSignal(STOPS);
    const whyNoFolder = await whyNoDataDir(options.data);
    const folder = whyNoFolder === undefined ? options.data ?? defaultDataDir() : undefined;
    await import("./control_commands.ts"); // not when there is no time
    const lease = openLease(seconds, folder);
    let isReadyTold = false;
    try {
      for (;;) {
        let standby: MetricsServer | undefined;
        try {
          standby = await serveStandbyMetrics(options);
        } catch (error) {
          return this.#failToServe(error, options);
        }
        if (!isReadyTold) await tellReady();
        isReadyTold = true;
        const signal = await Promise.race([stopped, lease.until(true)]);
        await standby?.close();
        if (signal !== undefined) {
          logger.info("stopping on {signal}", { signal });
          return EXIT.stopped;
        }
        logger.info("this server holds the lease, and serves");
        const end = await this.#serve(options, lease, stopped);
        if (end !== "lost") return end;
      }
    } finally {
      await lease.release();
    }
  }

  /**
   * Runs the server until a signal stops it, or the lease is lost.
   *
   * @returns the exit code, or that it was lost
   */
  async #serve(options: ServerCliOptions): Promise<number>;
  async #serve(
    options: ServerCliOptions,
    lease: LeaseFile,
    stopping: Promise<Deno.Signal>,
  ): Promise<number | "lost">;
  async #serve(
    options: ServerCliOptions,
    lease?: LeaseFile,
    stopping?: Promise<Deno.Signal>,
  ): Promise<number | "lost"> {
    const settings = await readSettings(options);
    const access = await readAccessRules(options);
    this.#log ??= await logToStderr(options.log, options.logFormat);
    const metrics = options.metrics &&
      new (await import("../metrics/mod.ts")).Metrics(config.version);
    let server: MimServer;
    const whyNoFolder = await whyNoDataDir(options.data);
    if (whyNoFolder !== undefined && !options.classic) return this.#refuse(whyNoFolder, options);
    const folder = whyNoFolder === undefined ? options.data ?? defaultDataDir() : undefined;
    const { bansIn, openControl } = await import("./control_commands.ts");
    const onBan = bansIn(folder ?? "");
    try {
      server = listen(options, {
        ...settings,
        access,
        ...folder !== undefined && { onBan },
        ...lease !== undefined && { mayServe: () => lease.isHeld },
        version: config.version,
        onBroadcast: metrics?.onBroadcast,
        workers: workersOf(options),
        fullTable: options.fullTable,
        classicTable: options.classicTable,
        cluster: clusterOf(options),
        workerModule: this.#workerModule,
      });
      await server.ready;
    } catch (error) {
      if (error instanceof DataDirError) {
        this.#fail(error.message); // not a mistake of usage: a later start may succeed
        return EXIT.unexpected;
      }
      if (error instanceof UsageError) throw error;
      if (error instanceof RangeError) throw new UsageError(error.message);
      const { hostname, port } = options;
      this.#fail(describeServerListenError(error, hostname, port, "--hostname"));
      return EXIT.cannotListen;
    }
    let metricsServer: MetricsServer | undefined;
    try {
      metricsServer = options.metrics && metrics?.serve(() => server.stats, options.metrics);
    } catch (error) {
      await server.close();
      return this.#failToServe(error, options);
    }
    // Before it announces itself: whoever reads that may send a signal at once.
    const stopped = stopping ?? stopSignal(STOPS);
    using _control = folder === undefined ? undefined : await openControl(server, folder);
    await this.#printPlace(server, options.advertise, metricsServer);
    const announcer = await announce(server, options);
    if (lease === undefined) await tellReady();
    const { status } = options;
    const timer = status && setInterval(statusLogger(server, options.log), status * 1000);
    const cleanup = new BurstCleanup();
    const cleaning = setInterval(() => {
      void cleanup.look(eventsAt(server), server.connectionCount);
    }, CLEANUP_INTERVAL_MS);
    this.#reload = () => void reloadSettings(server, options);
    if (this.#isReloadDue) this.#reload();
    this.#isReloadDue = false;
    const signal = await Promise.race([stopped, lease?.until(false) ?? stopped]);
    if (signal !== undefined) logger.info("stopping on {signal}", { signal });
    else logger.error("lost the lease: another server may serve now, so this one stops");
    this.#reload = undefined;
    clearInterval(timer);
    clearInterval(cleaning);
    await Promise.all([announcer?.close(), server.close(), metricsServer?.close()]);
    return signal === undefined ? "lost" : EXIT.stopped;
  }

  /** Ends the program because of an error, with a line that says why. */
  exitWithError(error: unknown): Promise<never> {
    const isUsage = error instanceof UsageError;
    this.#fail(`${isUsage ? "" : "unexpected: "}${reasonOf(error)}`);
    return this.exit(isUsage ? EXIT.usage : EXIT.unexpected);
  }

  /** Ends the program once its output is read, or nobody reads it. */
  async exit(code: number): Promise<never> {
    const writers = [this.#stdout, this.#log];
    await Promise.all(writers.map((writer) => writer?.flushed(FLUSH_TIMEOUT_MS)));
    Deno.exit(code);
  }

  async #printPlace(
    { hostname, port, publicKey }: MimServer,
    advertise: string | undefined,
    metrics: MetricsServer | undefined,
  ): Promise<void> {
    const place = { hostname, port, advertise, publicKey };
    const interfaces = localInterfaces();
    const link = joinLink(place, interfaces);
    const lines = [`listening on ${formatAddress(hostname, port)}`, joinHint(place, interfaces)];
    if (link !== undefined && Deno.stdout.isTerminal() && otherCharset() === undefined) {
      const { qrLines } = await import("../platform/cli/qr_code.ts");
      lines.push(...await qrLines(link));
    }
    // In one piece, before and after which the log writes: both may be one terminal.
    await this.#log?.flushed(FLUSH_TIMEOUT_MS);
    this.#stdout.line(lines.join("\n"));
    await this.#stdout.flushed(FLUSH_TIMEOUT_MS);
    const dialects = publicKey === undefined ? "classic MIM" : `MIM/2, key ${publicKey.toHex()}`;
    logger.info("started, version {version}, {dialects}", { version: config.version, dialects });
    if (link !== undefined) logger.info("the link to join with is {link}", { link });
    if (metrics !== undefined) logMetrics(metrics);
  }

  /** The metrics can't be served. */
  #failToServe(error: unknown, { metrics }: ServerCliOptions): number {
    const { hostname, port = 0 } = metrics ?? {};
    this.#fail(describeServerListenError(error, hostname, port, "--metrics"));
    return EXIT.cannotListen;
  }

  /** Without a key nobody could be sure of the server: that is for the operator to decide. */
  #refuse(whyNoFolder: string, { keysOnly }: ServerCliOptions): number {
    if (keysOnly) throw new UsageError(`--keys-only needs a data folder: ${whyNoFolder}`);
    this.#fail(
      `no place for the server's key: ${whyNoFolder}, or start without a key with --classic`,
    );
    return EXIT.unexpected;
  }

  #fail(reason: string): void {
    const line = `mim-server: ${reason}`;
    if (this.#log === undefined) console.error(line);
    else this.#log.line(line);
  }
}

function listen(
  { hostname, port, claimDays, strictNames, keysOnly, noLobby, ...cli }: ServerCliOptions,
  options: ServerOptions,
): MimServer {
  const { classic, data = defaultDataDir() } = cli;
  if (classic) return MimServer.listen({ ...options, hostname, port });
  const names = { data, claimDays, strictNames, keysOnly, lobby: !noLobby };
  return MimServer.listen({ ...options, hostname, port, ...names });
}

async function tellReady(): Promise<void> {
  await notifyReady().catch((error) =>
    logger.warning("cannot tell systemd: {reason}", { reason: reasonOf(error) })
  );
}

/** How many threads serve clients; none is named by default, and 0 means one for each core. */
function workersOf({ workers = 1 }: ServerCliOptions): number {
  return workers === 0 ? navigator.hardwareConcurrency : workers;
}

/** How many events there were that leave garbage. */
function eventsAt({ stats: { logins, logouts, probes } }: MimServer): number {
  return logins + logouts + probes.reachable + probes.unreachable;
}

/** The cluster that the options name, if they do. */
function clusterOf(
  { cluster, clusterName: name, clusterCredentials: credentials, clusterTls: tls }:
    ServerCliOptions,
): ClusterOptions | undefined {
  if (cluster === undefined) return undefined;
  return { servers: cluster.split(",").map((server) => server.trim()), name, credentials, tls };
}

/** Tells the local network of the server, unless only this machine reaches it. */
async function announce(
  server: MimServer,
  { announce, noAnnounce, title }: ServerCliOptions,
): Promise<Announcement | undefined> {
  if (noAnnounce) return undefined;
  if (announce && isLoopback(server.hostname)) {
    throw new UsageError("--announce needs an address that others can reach");
  }
  return await announceServer(server, title);
}

/** Reads the welcome, the limits and who may log in again; if they can't be used, that is logged and the old stay. */
async function reloadSettings(server: MimServer, options: ServerCliOptions): Promise<void> {
  server.retryData();
  try {
    server.change(await readSettings(options));
    logger.info("reloaded the welcome and the limits");
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof RangeError)) throw error;
    logger.error("kept the old welcome and limits: {reason}", { reason: error.message });
  }
  try {
    const count = server.changeAccess(await readAccessRules(options));
    logger.info("reloaded who may log in, disconnected {count}", { count });
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof RangeError)) throw error;
    logger.error("kept the old rules of access: {reason}", { reason: error.message });
  }
}

/** Returns a function that logs how the server is doing, at a level that is shown. */
function statusLogger(server: MimServer, shown: LogLevel): () => void {
  const level = shown === "trace" || shown === "debug" ? "info" : shown;
  let since = performance.now();
  let before = 0;
  return () => {
    const { users, connections, updates } = server.stats;
    const rate = (updates - before) / ((performance.now() - since) / 1000);
    since = performance.now();
    before = updates;
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
