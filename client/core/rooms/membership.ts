import { type Credential, type RoomBody, type RoomPolicy, Sha256 } from "../../../protocol/mod.ts";
import { clientLimits } from "../limits.ts";
import { MembershipGraph, type MembershipNode } from "./membership_graph.ts";
import { MembershipRules } from "./membership_rules.ts";
import type { MembershipRecord, RoomRecord } from "./room_record.ts";

/** How many membership entries one names. */
const MAX_NAMED = 8;

/** A user's role in a room; `guest` is invited and has not joined. */
export type RoomRole = "owner" | "admin" | "member" | "guest";

/** The outcome of adding a membership entry: `void` ones can never count, and are as if nothing had come. */
export type MembershipOutcome = "added" | "known" | "orphan" | "void" | "full";

/** The members of a room and their roles, by all membership entries that have come. */
export class Membership {
  readonly #graph: MembershipGraph;
  readonly #rules: MembershipRules;
  /** How many entries each author has. */
  readonly #sizes = new Map<string, number>();
  /** The counts that were used, by author and device. */
  readonly #counts = new Map<string, Set<number>>();
  #hash: string | undefined;
  /** Worked out when they are asked for. */
  #roles: ReadonlyMap<string, RoomRole> | undefined;

  /** @param first the entry that creates the room; its signature was checked */
  constructor(first: MembershipRecord) {
    this.#graph = new MembershipGraph(first);
    this.#rules = new MembershipRules(this.#graph);
    this.#added(first);
  }

  get owner(): string {
    return this.#graph.owner;
  }

  get nodes(): readonly MembershipNode[] {
    return this.#graph.nodes;
  }

  get name(): string {
    return this.#rules.settingsBefore().record.body.name;
  }

  get topic(): string {
    const { body } = this.#rules.settingsBefore().record;
    return body.type === "set" ? body.topic : "";
  }

  get policy(): RoomPolicy {
    return this.#rules.policyBefore();
  }

  /** SHA-256 of the hashes of all entries, which ascend, in hex. */
  get hash(): string {
    if (this.#hash === undefined) {
      const sha = new Sha256();
      for (const hash of this.nodes.map(({ record }) => record.hash).sort()) {
        sha.update(Uint8Array.fromHex(hash));
      }
      this.#hash = sha.digest().toHex();
    }
    return this.#hash;
  }

  get(hash: string): MembershipNode | undefined {
    return this.#graph.get(hash);
  }

  /** Whether one stands before the other. */
  isBefore(one: MembershipNode, other: MembershipNode): boolean {
    return this.#graph.isBefore(one, other);
  }

  /** All entries that no other one names. */
  get heads(): MembershipNode[] {
    return this.#graph.heads;
  }

  /**
   * The parents of a new entry, at most eight: the newest entries, and first those that cover all entries on
   * which it rests. Entries about its author and about the user it names must stand before it.
   */
  namedBy(author: string, body: RoomBody): MembershipNode[] {
    const heads = this.#graph.heads.sort((one, other) => other.effective - one.effective);
    if (heads.length <= MAX_NAMED) return heads;
    const users = "identity" in body ? [author, body.identity.toHex()] : [author];
    const basis = [
      ...users.flatMap((user) => Object.values(this.#graph.about(user)).flat()),
      ...this.#graph.settings,
    ].sort((one, other) => other.effective - one.effective);
    const named: MembershipNode[] = [];
    const covers = (head: MembershipNode, node: MembershipNode) =>
      head === node || this.#graph.isBefore(node, head);
    for (const node of [...basis, ...heads]) {
      if (named.length === MAX_NAMED) break;
      if (named.some((head) => covers(head, node))) continue;
      const head = heads.find((head) => covers(head, node));
      if (head !== undefined) named.push(head);
    }
    return named;
  }

  /** Takes an entry of this room whose signature is good, or will be checked before it counts. */
  canAdd(record: MembershipRecord): MembershipOutcome {
    if (this.#graph.get(record.hash) !== undefined) return "known";
    if (!record.membership.every((hash) => this.#graph.get(hash))) return "orphan";
    const isOwner = record.author === this.owner;
    const mostOfAll = clientLimits.roomMembershipEntries * (isOwner ? 2 : 1);
    const mostOfOne = isOwner ? Infinity : clientLimits.roomMembershipEntriesPerAuthor;
    if (this.nodes.length >= mostOfAll) return "full";
    if ((this.#sizes.get(record.author) ?? 0) >= mostOfOne) return "full";
    const node = this.#graph.prepare(record);
    const canCount = this.#rules.canCount(node);
    this.#graph.discard();
    return canCount ? "added" : "void";
  }

  /**
   * Adds an entry for which {@linkcode canAdd} is `added`, and whose signature is good.
   *
   * @returns whether talk that has come before may count differently now
   */
  add(record: MembershipRecord): boolean {
    this.#graph.add(this.#graph.prepare(record));
    return this.#added(record);
  }

  /** The count of the first entry of this author and device that is missing. */
  nextCount(author: string, device: string): number {
    const counts = this.#counts.get(`${author} ${device}`);
    let next = 0;
    while (counts?.has(next)) next++;
    return next;
  }

  /** Each author and device of which there are entries. */
  *devices(): Generator<{ readonly author: string; readonly device: string }> {
    for (const key of this.#counts.keys()) {
      const [author = "", device = ""] = key.split(" ");
      yield { author, device };
    }
  }

  counts(node: MembershipNode): boolean {
    return this.#rules.counts(node);
  }

  countsTalk(record: RoomRecord): boolean {
    return this.#rules.countsTalk(record);
  }

  canCountTalk(record: RoomRecord): boolean {
    return this.#rules.canCountTalk(record);
  }

  /** Whether a user was removed, and by which entry last; undefined for others. */
  removalOf(user: string): MembershipNode | undefined {
    return this.roleOf(user) === undefined
      ? this.#latest(this.#graph.about(user).removals)
      : undefined;
  }

  /** Whether talk was written after a user had joined, as far as its author knew. */
  isAfterJoin(record: RoomRecord, user: string): boolean {
    const join = this.#latest(this.#graph.about(user).joins);
    if (user === this.owner || join === undefined) return user === this.owner;
    return record.membership.some((hash) => {
      const node = this.#graph.get(hash);
      return node !== undefined && (node === join || this.#graph.isBefore(join, node));
    });
  }

  /** The entry by which a user has left last. */
  lastLeaveOf(user: string): MembershipNode["record"] | undefined {
    return this.nodes.map(({ record }) => record)
      .findLast(({ author, body }) => author === user && body.type === "leave");
  }

  /** Whether a member is given the body of talk: a newcomer is not, if the room hides its past. */
  maySeeBody(record: RoomRecord, user: string): boolean {
    return this.policy.showsPast || this.isAfterJoin(record, user);
  }

  /** The role of a user; undefined for somebody who is neither a member nor invited. */
  roleOf(user: string): RoomRole | undefined {
    return this.#people().get(user);
  }

  /** Who is served a room, and as what: its owner may come back at any time, listed or not. */
  servedAs(user: string): RoomRole | undefined {
    return this.roleOf(user) ?? (user === this.owner ? "guest" : undefined);
  }

  /** The entry by which a user is invited; undefined for others. */
  invitationOf(user: string): MembershipNode | undefined {
    return this.#rules.invitationsOf(user).at(-1);
  }

  /** All entries by which a user is invited, the newest last. */
  invitationsOf(user: string): MembershipNode[] {
    return this.#rules.invitationsOf(user);
  }

  /** The name of a user, as the latest join says, else the latest invitation. */
  claimOf(
    user: string,
  ): { readonly name: string; readonly credential?: Credential | undefined } | undefined {
    const { joins, invitations } = this.#graph.about(user);
    const { body } = (this.#latest(joins) ?? this.#latest(invitations))?.record ?? {};
    return body?.type === "join" || body?.type === "invite" ? body : undefined;
  }

  /** Whether a join is none by somebody who is a member already. */
  isFirstJoin(node: MembershipNode): boolean {
    const { joins, leaves, removals } = this.#graph.about(node.record.author);
    const ends = [...leaves, ...removals.filter((removal) => this.#rules.counts(removal))];
    return !joins.some((join) =>
      join.record.body.type === "join" && this.#graph.isBefore(join, node) &&
      ends.every((end) => this.#graph.isBefore(end, join) || !this.#graph.isBefore(end, node))
    );
  }

  /** All members and guests. */
  *people(): Generator<{ readonly user: string; readonly role: RoomRole }> {
    for (const [user, role] of this.#people()) yield { user, role };
  }

  #people(): ReadonlyMap<string, RoomRole> {
    if (this.#roles !== undefined) return this.#roles;
    const roles = new Map<string, RoomRole>();
    for (const user of this.#graph.users) {
      const role = this.#judge(user);
      if (role !== undefined) roles.set(user, role);
    }
    return this.#roles = roles;
  }

  #judge(user: string): RoomRole | undefined {
    if (this.#rules.isMember(user)) {
      if (user === this.owner) return "owner";
      return this.#rules.isAdmin(user) ? "admin" : "member";
    }
    return this.#rules.invitationsOf(user).length > 0 ? "guest" : undefined;
  }

  /** Of those that count and hold a name, the one of the greatest effective time, then hash. */
  #latest(nodes: readonly MembershipNode[]): MembershipNode | undefined {
    const [latest] = nodes
      .filter((node) => node.record.body.type !== "create" && this.#rules.counts(node))
      .sort((one, other) =>
        other.effective - one.effective || (one.record.hash < other.record.hash ? 1 : -1)
      );
    return latest;
  }

  #added({ author, device, header }: MembershipRecord): boolean {
    this.#hash = this.#roles = undefined;
    this.#sizes.set(author, (this.#sizes.get(author) ?? 0) + 1);
    this.#counts.getOrInsertComputed(`${author} ${device}`, () => new Set()).add(header.count);
    return this.#rules.judgeNewest();
  }
}
