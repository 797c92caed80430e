import { encodeMim2Update, type Mim2Entry } from "../../protocol/mod.ts";
import { TokenBucket } from "../platform/util/token_bucket.ts";
import type { Session } from "../session/session.ts";
import { serverLimits } from "../limits.ts";

const TYPE_AT = 2;
const CHANGE = 0x55;

/** The Add of a row, as MIM/2 clients get it. */
export function addOf(entry: Mim2Entry): Uint8Array<ArrayBuffer> {
  return encodeMim2Update({ type: "add", entry });
}

/** The update with the contents of an Add. */
export function changeOf(add: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(add);
  bytes[TYPE_AT] = CHANGE;
  return bytes;
}

/** A MIM/2 client that is online. */
export class Mim2Client {
  /** Its connection. */
  readonly session: Session;
  /** Its row. */
  entry: Mim2Entry;
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
  readonly statusChanges = new TokenBucket(
    serverLimits.statusBurst,
    serverLimits.statusChangesPerSecond,
  );
  readonly callMes = new TokenBucket(serverLimits.callMeBurst, serverLimits.callMesPerSecond);
  readonly reports = new TokenBucket(serverLimits.reportBurst, serverLimits.reportsPerSecond);

  constructor(session: Session, entry: Mim2Entry, nextPing: number) {
    this.session = session;
    this.entry = entry;
    this.nextPing = nextPing;
  }
}
