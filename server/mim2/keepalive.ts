import { limits } from "../../protocol/mod.ts";
import type { Mim2Client } from "./mim2_client.ts";
import { serverLimits } from "../limits.ts";

/** Pings MIM/2 clients, and disconnects those that do not answer. Callers pass the time. */
export class Keepalive {
  readonly #pingIntervalMs: number;
  readonly #onAlive: (client: Mim2Client) => void;
  /** Nobody is blamed for silence before this time. */
  #excusedUntil = -Infinity;

  /**
   * @param pingIntervalMs time between two pings of a client
   * @param onAlive is called for a client that answers although another could not reach it
   */
  constructor(pingIntervalMs: number, onAlive: (client: Mim2Client) => void) {
    this.#pingIntervalMs = pingIntervalMs;
    this.#onAlive = onAlive;
  }

  /**
   * Another client could not dial this one, or gets no answer in a chat: a ping finds out whether it is
   * there. If two report it, it has to answer soon: the word of one alone drops nobody quickly.
   */
  report(client: Mim2Client, by: { readonly id: string }, time: number): void {
    const { reports, session } = client;
    if (reports !== undefined) {
      reports.isByTwo ||= reports.by.id !== by.id;
      return;
    }
    const isUnderWay = session.lastHeard < client.pinged;
    // A client that has just answered is there.
    if (!isUnderWay && time - client.pinged < limits.unreachableTimeoutMs) return;
    client.reports = { by, isByTwo: false, since: time };
    if (!isUnderWay) this.#ping(client, time);
  }

  /** Pings a client that is due, and disconnects a silent one. To be called every second or so. */
  check(client: Mim2Client, time: number): void {
    const { session, reports } = client;
    const silent = time - Math.max(session.lastHeard, this.#excusedUntil);
    if (reports !== undefined && session.lastHeard >= client.pinged) {
      client.reports = undefined;
      this.#onAlive(client);
    } else if (reports !== undefined && time - this.#since(reports) >= timeoutOf(reports)) {
      // A slow client may not have received the ping yet.
      if (!session.isWriting) return disconnect(client, describeReports(reports), silent);
    }
    if (silent > this.#pingIntervalMs * serverLimits.silentPings) {
      return disconnect(client, "it did not answer", silent);
    }
    if (time >= client.nextPing) this.#ping(client, time);
  }

  /** This server did not run for a while: nobody could answer it. */
  excuse(time: number): void {
    this.#excusedUntil = time;
  }

  #since({ since }: NonNullable<Mim2Client["reports"]>): number {
    return Math.max(since, this.#excusedUntil);
  }

  #ping(client: Mim2Client, time: number): void {
    client.pinged = time;
    client.nextPing = time + this.#pingIntervalMs;
    const token = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
    client.session.send({ type: "ping", token });
  }
}

function timeoutOf({ isByTwo }: NonNullable<Mim2Client["reports"]>): number {
  return isByTwo ? limits.unreachableTimeoutMs : serverLimits.singleReportTimeoutMs;
}

function describeReports({ isByTwo }: NonNullable<Mim2Client["reports"]>): string {
  const who = isByTwo ? "other clients" : "another client";
  return `${who} could not reach it, and it did not answer`;
}

function disconnect({ session }: Mim2Client, why: string, silentMs: number): void {
  const reason = `${why} pings; ${Math.round(silentMs / 1000)} s of silence`;
  session.end({ by: "rejected", code: "no-answer", reason });
}
