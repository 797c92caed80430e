/**
 * The only file that knows NATS, with nats_records.ts and nats_credentials.ts. It is loaded under a name that the program makes up as it
 * runs, so that Deno fetches the packages of NATS for those who use it alone.
 */

import {
  type ConnectionOptions,
  type NatsConnection,
  PermissionViolationError,
} from "@nats-io/transport-node";
import { deadline } from "@std/async/deadline";
import { reasonOf } from "../platform/util/errors.ts";
import type { ClusterOptions } from "../options.ts";
import type { ClusterBus, ClusterBusEvents } from "./cluster_bus.ts";
import { isOnThisMachine } from "./check_options.ts";
import { NatsRecords } from "./nats_records.ts";
import { readCredentials, warnOfReaders } from "./nats_credentials.ts";
import { connectNats } from "./nats_transport.ts";

/** How long the end waits until the last message is on its way. */
const FLUSH_TIMEOUT_MS = 500;
const CLOSE_TIMEOUT_MS = 1_000;
const RETRY_MS = 500;
const CONNECT_TIMEOUT_MS = 2_000;
/** A connection that has answered none of two pings is dead. */
const PING_INTERVAL_MS = 3_000;

/** Nodes that meet on NATS. */
export class NatsBus implements ClusterBus {
  readonly #options: ClusterOptions;
  readonly #bucket: string;
  readonly #subjects: readonly string[];
  readonly #events: ClusterBusEvents;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #connection: NatsConnection | undefined;
  #claims: NatsRecords | undefined;
  /** Ends the watch of this connection's claims. */
  #watching = new AbortController();
  #isConnected = false;

  /**
   * Connects, and again whenever the connection is lost.
   *
   * @throws {RangeError} if the credentials can't be used
   * @param bucket where claims are kept
   * @param subjects what to listen to
   */
  constructor(
    options: ClusterOptions,
    bucket: string,
    subjects: readonly string[],
    events: ClusterBusEvents,
  ) {
    this.#options = options;
    this.#bucket = bucket;
    this.#subjects = subjects;
    this.#events = events;
    this.#connectionOptions(); // a mistake ends the start
    if (options.credentials !== undefined) warnOfReaders(options.credentials);
    this.#running = this.#run();
  }

  publish(subject: string, message: Uint8Array): void {
    if (!this.#isConnected) return; // others notice the gap, and ask
    try {
      this.#connection?.publish(subject, message);
    } catch (error) {
      if (this.#isClosed) return;
      this.#events.onDisconnected(`a message could not be published: ${reasonOf(error)}`);
    }
  }

  checkStore(): void {
    void this.#claims?.check();
  }

  async close(): Promise<void> {
    try {
      const connection = this.#isConnected ? this.#connection : undefined;
      if (connection !== undefined) await deadline(connection.flush(), FLUSH_TIMEOUT_MS);
    } catch {
      // It is gone already, or does not answer.
    }
    this.#closing.abort();
    this.#watching.abort();
    await this.#connection?.close().catch(() => {});
    // An attempt to connect can't be called off.
    await deadline(this.#running, CLOSE_TIMEOUT_MS).catch(() => {});
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        const connection = await connectNats(this.#connectionOptions());
        this.#connection = connection;
        if (this.#closing.signal.aborted) await connection.close();
        else await this.#use(connection);
      } catch (error) {
        if (!this.#isClosed) this.#events.onDisconnected(reasonOf(error));
      }
      await pause(RETRY_MS, this.#closing.signal);
    }
  }

  async #use(connection: NatsConnection): Promise<void> {
    for (const subject of this.#subjects) {
      connection.subscribe(subject, {
        callback: (error, message) => {
          if (error === null) this.#events.onMessage(message.subject, message.data);
          else this.#noteError(error);
        },
      });
    }
    await connection.flush();
    this.#begin(connection);
    for await (const status of connection.status()) {
      switch (status.type) {
        case "disconnect":
          this.#pause("the connection was lost");
          break;
        case "reconnect":
          this.#begin(connection);
          break;
        case "error":
          this.#noteError(status.error);
      }
    }
    const error = await connection.closed();
    this.#pause(error === undefined ? "the connection is closed" : reasonOf(error));
  }

  #noteError(error: Error): void {
    if (this.#isClosed) return;
    if (!(error instanceof PermissionViolationError)) {
      return this.#events.onDisconnected(reasonOf(error));
    }
    const { operation, subject } = error;
    this.#events.onForbidden(operation, subject);
    const isAboutClaims = operation === "publish" && subject.startsWith(`$KV.${this.#bucket}.`);
    if (isAboutClaims) {
      this.#events.onStore(undefined, `NATS does not allow to publish to ${subject}`);
    }
  }

  #begin(connection: NatsConnection): void {
    this.#isConnected = true;
    this.#events.onConnected(connection.getServer());
    this.#watching.abort();
    this.#watching = new AbortController();
    void this.#watchClaims(connection, this.#watching.signal);
  }

  #pause(reason: string): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#watching.abort();
    if (this.#isClosed) return;
    this.#events.onStore(undefined, reason);
    this.#events.onDisconnected(reason);
  }

  /** Never rejects: claims that can't be reached are tried again. */
  async #watchClaims(connection: NatsConnection, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const claims = await NatsRecords.open(connection, this.#bucket);
        if (signal.aborted) return;
        this.#claims = claims;
        this.#events.onStore(claims, "");
        await claims.watch(
          (values) => this.#events.onRecords(values),
          () => this.#events.onBansRead(),
          () => this.#events.onRecordsComplete(),
          signal,
        );
        if (signal.aborted) return;
        if (claims.isErased) this.#events.onErased();
        const reason = claims.isErased
          ? "somebody has erased claims in NATS"
          : "the watch has ended";
        this.#events.onStore(undefined, reason);
        if (claims.isErased) continue; // each moment without them counts
      } catch (error) {
        if (!signal.aborted) this.#events.onStore(undefined, reasonOf(error));
      }
      await pause(RETRY_MS, signal);
    }
  }

  #connectionOptions(): ConnectionOptions {
    const { servers, credentials, tls = false } = this.#options;
    const isPrivate = tls || servers.every(isOnThisMachine);
    return {
      servers: [...servers],
      timeout: CONNECT_TIMEOUT_MS,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RETRY_MS,
      pingInterval: PING_INTERVAL_MS,
      ignoreAuthErrorAbort: true,
      // Other servers that this one names may be on other machines.
      ignoreClusterUpdates: credentials === undefined,
      ...credentials === undefined
        ? {}
        : { authenticator: readCredentials(credentials, isPrivate) },
      ...tls ? { tls: {} } : {},
    };
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) return Promise.resolve();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    resolve();
  }, { once: true });
  return promise;
}
