import {
  addressBlock,
  decodeLinkUpdate,
  encodeLinkUpdate,
  type EntryDetails,
  type LinkEntry,
} from "../../protocol/mod.ts";
import { serverLimits } from "../limits.ts";
import { TokenBucket } from "../platform/util/token_bucket.ts";
import type { ClientSession } from "../session/mod.ts";

/** The Add of a row, as MIM/2 clients get it. */
export function addOf(entry: LinkEntry): Uint8Array<ArrayBuffer> {
  return encodeLinkUpdate({ type: "add", entry });
}

/** A MIM/2 client that is online. */
export class Mim2Client {
  /** Its connection. */
  readonly session: ClientSession;
  /** The id of its session, in hex digits. */
  readonly id: string;
  /** Its row as an Add: thousands of these take much less memory than their fields. */
  add: Uint8Array;
  /** What has changed in its row since others were told. */
  changed: Partial<EntryDetails> | undefined;
  /** When it was last pinged. */
  pinged = -Infinity;
  /** When its next ping is due. */
  nextPing: number;
  /** When its certificate is to be renewed; Infinity without one. */
  renewAt = Infinity;
  /** The first that reported it, since it was pinged for that, and whether another did. */
  reports:
    | { readonly by: { readonly id: string }; isByTwo: boolean; readonly since: number }
    | undefined;
  /** When its listener was last probed. */
  probed = -Infinity;
  /** Limits all that it sends. */
  readonly messages = new TokenBucket(serverLimits.messageBurst, serverLimits.messagesPerSecond);
  #statusChanges: TokenBucket | undefined;
  #callMes: TokenBucket | undefined;
  #ownReports: TokenBucket | undefined;
  #finds: TokenBucket | undefined;
  #orders: TokenBucket | undefined;

  constructor(session: ClientSession, id: string, add: Uint8Array, nextPing: number) {
    this.session = session;
    this.id = id;
    this.add = add;
    this.nextPing = nextPing;
  }

  /** Its row. */
  get entry(): LinkEntry {
    const update = decodeLinkUpdate(this.add);
    if (update?.type !== "add") throw new TypeError("expected an Add");
    return update.entry;
  }

  /** The block of addresses that it belongs to: budgets go by it. */
  get source(): string {
    return addressBlock(this.session.address);
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

  /** Limits its queries. */
  get finds(): TokenBucket {
    return this.#finds ??= new TokenBucket(serverLimits.findBurst, serverLimits.findsPerSecond);
  }

  /** Limits its orders. */
  get orders(): TokenBucket {
    return this.#orders ??= new TokenBucket(serverLimits.orderBurst, serverLimits.ordersPerSecond);
  }

  /** Limits its own reports of unreachable users. */
  get ownReports(): TokenBucket {
    return this.#ownReports ??= new TokenBucket(
      serverLimits.reportBurst,
      serverLimits.reportsPerSecond,
    );
  }
}
