import { decodeServerMessage, encodeMim2Update, type Mim2Entry } from "../../protocol/mod.ts";
import { serverLimits } from "../limits.ts";
import { TokenBucket } from "../platform/util/token_bucket.ts";
import type { Session } from "../session/mod.ts";

/** Bytes of a frame's length; the type of an update follows. */
const FRAME_LENGTH_BYTES = 2;
const CHANGE = 0x55;

/** The Add of a row, as MIM/2 clients get it. */
export function addOf(entry: Mim2Entry): Uint8Array<ArrayBuffer> {
  return encodeMim2Update({ type: "add", entry });
}

/** The update with the contents of an Add. */
export function changeOf(add: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(add);
  bytes[FRAME_LENGTH_BYTES] = CHANGE;
  return bytes;
}

/** A MIM/2 client that is online. */
export class Mim2Client {
  /** Its connection. */
  readonly session: Session;
  /** The id of its session, in hex digits. */
  readonly id: string;
  /** Its row as an Add: thousands of these take much less memory than their fields. */
  add: Uint8Array;
  /** When it was last pinged. */
  pinged = -Infinity;
  /** When its next ping is due. */
  nextPing: number;
  /** Its deadline to answer a ping, since another client could not reach it. */
  answerBy: number | undefined;
  /** When its listener was last probed. */
  probed = -Infinity;
  /** Limits all that it sends. */
  readonly messages = new TokenBucket(serverLimits.messageBurst, serverLimits.messagesPerSecond);
  #statusChanges: TokenBucket | undefined;
  #callMes: TokenBucket | undefined;
  #reports: TokenBucket | undefined;

  constructor(session: Session, id: string, add: Uint8Array, nextPing: number) {
    this.session = session;
    this.id = id;
    this.add = add;
    this.nextPing = nextPing;
  }

  /** Its row. */
  get entry(): Mim2Entry {
    const update = decodeServerMessage(this.add.subarray(FRAME_LENGTH_BYTES));
    if (update?.type !== "add") throw new TypeError("expected an Add");
    return update.entry;
  }

  /** Limits the changes of its row that are broadcast. */
  get statusChanges(): TokenBucket {
    const { statusBurst, statusChangesPerSecond } = serverLimits;
    return this.#statusChanges ??= new TokenBucket(statusBurst, statusChangesPerSecond);
  }

  /** Limits the callbacks that it requests. */
  get callMes(): TokenBucket {
    return this.#callMes ??= new TokenBucket(
      serverLimits.callMeBurst,
      serverLimits.callMesPerSecond,
    );
  }

  /** Limits its reports of unreachable users. */
  get reports(): TokenBucket {
    return this.#reports ??= new TokenBucket(
      serverLimits.reportBurst,
      serverLimits.reportsPerSecond,
    );
  }
}
