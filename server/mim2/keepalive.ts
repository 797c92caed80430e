import { encodeNotice, limits } from "../../protocol/mod.ts";
import type { Mim2Client } from "./mim2_client.ts";
import { serverLimits } from "../limits.ts";

/** Pings MIM/2 clients, and drops those who do not answer. Knows no clock: who asks says what time it is. */
export class Keepalive {
  readonly #pingTime: number;
  readonly #doubt: (member: Mim2Client) => void;

  /**
   * @param pingTime milliseconds between two pings of a client
   * @param doubt is told who is there though another could not reach it
   */
  constructor(pingTime: number, doubt: (member: Mim2Client) => void) {
    this.#pingTime = pingTime;
    this.#doubt = doubt;
  }

  /** Somebody could not dial this one, or hears nothing of it: a ping tells whether there is anybody. */
  report(member: Mim2Client, time: number): void {
    if (member.answerBy !== undefined) return;
    const isUnderWay = member.session.lastHeard < member.pinged;
    // Whoever has just answered is there.
    if (!isUnderWay && time - member.pinged < limits.unreachableTimeoutMs) return;
    member.answerBy = time + limits.unreachableTimeoutMs;
    if (!isUnderWay) this.#ping(member, time);
  }

  /** Pings whoever is due, and drops who was silent for too long. To be called every second or so. */
  check(member: Mim2Client, time: number): void {
    const { session } = member;
    const silent = time - session.lastHeard;
    if (member.answerBy !== undefined && session.lastHeard >= member.pinged) {
      member.answerBy = undefined;
      this.#doubt(member);
    }
    if (member.answerBy !== undefined && time >= member.answerBy) {
      // Who is still being written to is slow, and may not have been asked yet.
      if (session.isWriting) member.answerBy = time + limits.unreachableTimeoutMs;
      else return drop(member, "another could not reach it, and it did not answer", silent);
    }
    if (silent > this.#pingTime * serverLimits.silentPings) {
      return drop(member, "it did not answer", silent);
    }
    if (time >= member.nextPing) this.#ping(member, time);
  }

  #ping(member: Mim2Client, time: number): void {
    member.pinged = time;
    member.nextPing = time + this.#pingTime;
    const token = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
    member.session.send(encodeNotice({ type: "ping", token }));
  }
}

function drop({ session }: Mim2Client, why: string, silent: number): void {
  const reason = `${why} pings; nothing was heard for ${Math.round(silent / 1000)} s`;
  session.end({ by: "refused", code: "no-answer", reason });
}
