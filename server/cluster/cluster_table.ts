import type { ClusterStats } from "../stats.ts";
import { clusterLimits } from "./cluster_limits.ts";
import type {
  NodeChange,
  NodeRequest,
  RowChange,
  SessionEnded,
  TableMessage,
} from "./cluster_message.ts";
import { MovedUsers } from "./moved_users.ts";
import { RemoteNode } from "./remote_node.ts";

/** The calls through which the table of a cluster sends and reports. */
export interface ClusterTableEvents {
  /** Sends a message to all nodes, this one included, or to one. */
  send(message: TableMessage, to?: string): void;
  /** A row of another node has changed, or is gone. */
  onChange(change: RowChange): void;
  /** The user of an own session has logged in again at another node. */
  onEnded(ended: SessionEnded): void;
  /** The user of a row, by whatever nobody else has; undefined if nothing tells. */
  userOf(row: Uint8Array): string | undefined;
  /** Another node asks for something. */
  onRequest(from: string, request: NodeRequest): void;
  /** Another node has come. */
  onNode(node: string): void;
  /** Another node has gone, and its rows with it. */
  onGone(node: string, users: number, why: "bye" | "silent"): void;
}

/**
 * The online table of a cluster, as one node of it keeps it: its own rows and those of all others. Pure: knows
 * neither a network nor a clock. Each node owns its rows, numbers what changes in them, and tells all; who has
 * missed something asks for all rows of that node and takes the difference.
 */
export class ClusterTable {
  readonly #node: string;
  readonly #events: ClusterTableEvents;
  readonly #random: () => number;
  /** This node's rows, by session. */
  readonly #own = new Map<string, Uint8Array>();
  readonly #nodes = new Map<string, RemoteNode>();
  /** The node of each row of others. */
  readonly #owners = new Map<string, string>();
  readonly #moved: MovedUsers;
  /** Changes of own rows that no log message has. */
  #pending: NodeChange[] = [];
  /** The latest time that was passed. */
  #now = 0;
  /** The number of the last log message. */
  #number = 0;
  #beatAt = -Infinity;
  /** When an own beat last came back. */
  #ownBeatAt = -Infinity;
  /** Since when own beats come back. */
  #hearsItselfSince = Infinity;
  #gaps = 0;

  /**
   * @param node this node's id
   * @param random gives numbers from 0 to 1
   */
  constructor(node: string, events: ClusterTableEvents, random: () => number = Math.random) {
    this.#node = node;
    this.#events = events;
    this.#random = random;
    this.#moved = new MovedUsers((row) => events.userOf(row));
  }

  /** How it is doing. */
  counts(now: number): Omit<ClusterStats, "isConnected" | "canClaim" | "unopened"> {
    const others = [...this.#nodes.values()];
    return {
      nodes: others.length,
      remoteUsers: this.#owners.size - this.#moved.hiddenCount,
      lag: others.reduce((lag, { lag: more }) => lag + more, 0),
      silenceMs: Math.max(0, ...others.map(({ heardAt }) => now - heardAt)),
      gaps: this.#gaps,
    };
  }

  /** Other nodes, and how long each has been silent. */
  nodes(
    now: number,
  ): { readonly node: string; readonly silenceMs: number; readonly users: number }[] {
    return Array.from(this.#nodes, ([node, { heardAt, rows }]) => ({
      node,
      silenceMs: now - heardAt,
      users: rows.size,
    }));
  }

  /** The other nodes that are there: none that has stopped, or is silent while silence counts. */
  present(now: number): string[] {
    return Array.from(this.#nodes).flatMap(([node, { heardAt, leaving }]) =>
      leaving === undefined && !this.#isGone(now - heardAt, now) ? [node] : []
    );
  }

  /** Whether all rows of all nodes that were heard are here. */
  get isComplete(): boolean {
    return [...this.#nodes.values()].every(({ isComplete }) => isComplete);
  }

  /** Whether this node hears what it says: it is connected. */
  hearsItself(now: number): boolean {
    return now - this.#ownBeatAt < clusterLimits.ownBeatMs;
  }

  /** The other node that owns a session. */
  ownerOf(session: string): string | undefined {
    return this.#owners.get(session);
  }

  /** Adds or replaces an own row. */
  put(session: string, row: Uint8Array): void {
    if (!this.#own.has(session)) this.#moved.arrive(this.#node, row, this.#now);
    this.#own.set(session, row);
    this.#pending.push({ type: "put", session, row });
  }

  /** Removes an own row. */
  delete(session: string): void {
    if (this.#own.delete(session)) this.#pending.push({ type: "delete", session });
  }

  /** Ends the session that a user of this node had at another one, whether that can be asked or not. */
  end(session: string, identity: string): void {
    this.#pending.push({ type: "end", session, identity });
    this.#moved.end(session, identity, true, this.#now);
    this.#hideEnded(session);
  }

  /** Tells all nodes what has changed in own rows. To be called at the end of each turn with changes. */
  flush(): void {
    for (const changes of inMessages(this.#pending.splice(0), bytesOfChange)) {
      this.#events.send({ type: "log", number: ++this.#number, changes });
    }
  }

  /** Asks another node for something, which it does once it has all that was changed here until now. */
  request(to: string, request: NodeRequest): void {
    this.flush();
    this.#events.send({ type: "to", number: this.#number, request }, to);
  }

  /** Takes a message of a node, of this one too. */
  receive(from: string, message: TableMessage, now: number): void {
    this.#now = now;
    if (from === this.#node) {
      if (message.type === "beat") this.#noteOwnBeat(now);
      return;
    }
    if (message.type === "ask") return this.#answer(from, message.request);
    const known = this.#nodes.get(from);
    if (message.type === "bye") return void (known && this.#leave(from, known, "bye", now));
    const node = known ?? this.#meet(from, now);
    node?.receive(message, now);
    for (const session of this.#moved.trust(from)) {
      const row = node?.rows.get(session);
      if (row !== undefined) this.#events.onChange({ type: "put", session, row });
    }
  }

  /** Beats, asks for what is missing, and removes who is silent. To be called often. */
  tick(now: number): void {
    this.#now = now;
    this.flush();
    if (now - this.#beatAt >= clusterLimits.beatMs) this.beat(now);
    if (!this.hearsItself(now)) this.#hearsItselfSince = Infinity;
    for (const [id, node] of this.#nodes) {
      if (node.leaving === undefined && this.#isGone(now - node.heardAt, now)) {
        this.#leave(id, node, "silent", now);
      }
      const behindMs = this.#ownBeatAt - node.heardAt;
      const isDoubtful = behindMs >= clusterLimits.doubtMs && this.#countsSilence(now);
      if (isDoubtful && node.leaving === undefined) this.#doubt(id, node);
      node.tick(now);
      if (node.leaving !== undefined && node.rows.size === 0) this.#forget(id);
    }
    this.#moved.tick(now);
  }

  /** Tells all nodes that this one is there. */
  beat(now: number): void {
    this.#beatAt = now;
    this.#events.send({ type: "beat", number: this.#number, users: this.#own.size });
  }

  /** Tells all nodes that this one stops. */
  leave(): void {
    this.#events.send({ type: "bye" });
  }

  #isGone(silenceMs: number, now: number): boolean {
    if (silenceMs >= clusterLimits.longestSilenceMs) return true;
    return silenceMs >= clusterLimits.silenceMs && this.#countsSilence(now);
  }

  /** Whether others are silent, and not this node deaf. */
  #countsSilence(now: number): boolean {
    return this.hearsItself(now) && now - this.#hearsItselfSince >= clusterLimits.graceMs;
  }

  #noteOwnBeat(now: number): void {
    if (!this.hearsItself(now)) this.#hearsItselfSince = now;
    this.#ownBeatAt = now;
  }

  #meet(from: string, now: number): RemoteNode | undefined {
    if (this.#nodes.size >= clusterLimits.nodes) return undefined;
    const node = new RemoteNode({
      ask: (request) => this.#events.send({ type: "ask", request }, from),
      onChange: (change) => this.#change(from, change),
      onRequest: (request) => this.#events.onRequest(from, request),
      onGap: () => void this.#gaps++,
      spreadMs: () => {
        const { askSpreadMs, askSpreadPerNodeMs } = clusterLimits;
        return this.#random() * Math.min(askSpreadMs, this.#nodes.size * askSpreadPerNodeMs);
      },
    }, now);
    this.#nodes.set(from, node);
    this.#beatAt = -Infinity; // so that it hears of this one, too
    this.#events.onNode(from);
    return node;
  }

  #leave(from: string, node: RemoteNode, why: "bye" | "silent", now: number): void {
    if (node.leaving !== undefined) return;
    this.#events.onGone(from, node.rows.size, why);
    node.leave(now);
  }

  #forget(node: string): void {
    this.#nodes.delete(node);
    this.#moved.trust(node);
  }

  /** A session that two nodes say they own belongs to the first. */
  #change(from: string, change: NodeChange): void {
    if (change.type === "end") return this.#end(change);
    const { session } = change;
    const owner = this.#owners.get(session);
    if (this.#own.has(session) || (owner !== undefined && owner !== from)) return;
    if (change.type === "delete") {
      if (this.#owners.delete(session) && !this.#moved.forget(session)) {
        this.#events.onChange(change);
      }
      return;
    }
    this.#owners.set(session, from);
    if (owner === undefined) this.#moved.arrive(from, change.row, this.#now);
    if (this.#moved.isHidden(session) || this.#moved.hideEnded(session, change.row)) return;
    this.#events.onChange(change);
  }

  #end(ended: SessionEnded): void {
    const { session, identity } = ended;
    this.#moved.end(session, identity, false, this.#now);
    const own = this.#own.get(session);
    if (own === undefined) return this.#hideEnded(session);
    if (this.#events.userOf(own) === identity) this.#events.onEnded(ended);
  }

  #hideEnded(session: string): void {
    const row = this.#rowOf(session);
    const wasHidden = this.#moved.isHidden(session);
    if (row === undefined || !this.#moved.hideEnded(session, row) || wasHidden) return;
    this.#events.onChange({ type: "delete", session });
  }

  /** Users who have logged in elsewhere are not shown at a silent node. */
  #doubt(id: string, { rows, heardAt }: RemoteNode): void {
    for (const session of this.#moved.doubt(id, rows, heardAt)) {
      this.#events.onChange({ type: "delete", session });
    }
  }

  #rowOf(session: string): Uint8Array | undefined {
    return this.#nodes.get(this.#owners.get(session) ?? "")?.rows.get(session);
  }

  #answer(to: string, request: number): void {
    this.flush();
    const ended = Array.from(
      this.#moved.ownEnded(),
      ({ session, user }) => ({ type: "end", session, identity: user }) as const,
    );
    const rows = Array.from(
      this.#own,
      ([session, row]) => ({ type: "put", session, row }) as const,
    );
    const messages = inMessages([...ended, ...rows], bytesOfChange);
    if (messages.length === 0) messages.push([]);
    for (const [part, rows] of messages.entries()) {
      const parts = messages.length;
      this.#events.send({ type: "rows", request, number: this.#number, part, parts, rows }, to);
    }
  }
}

/** Cuts a list into parts that fit into a message. */
function inMessages<Item>(items: readonly Item[], bytesOf: (item: Item) => number): Item[][] {
  const parts: Item[][] = [];
  let left = 0;
  for (const item of items) {
    const bytes = bytesOf(item) + ROW_BYTES;
    if (parts.length === 0 || bytes > left) {
      parts.push([]);
      left = clusterLimits.messageBytes;
    }
    left -= bytes;
    parts.at(-1)?.push(item);
  }
  return parts;
}

/** The bytes of a row in a message besides its own. */
const ROW_BYTES = 20;
/** The bytes of a key in a message. */
const KEY_BYTES = 36;

function bytesOfChange(change: NodeChange): number {
  return change.type === "put" ? change.row.length : KEY_BYTES;
}
