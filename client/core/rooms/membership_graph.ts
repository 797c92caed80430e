import type { RoomBody, RoomHeader } from "../../../protocol/mod.ts";
import { Ancestry } from "./ancestry.ts";
import { effectiveTime, type MembershipRecord } from "./room_record.ts";

/** A membership entry in memory; all of it is in the store. */
export type KeptMembership =
  & Pick<MembershipRecord, "hash" | "author" | "device" | "body">
  & { readonly header: Pick<RoomHeader, "at" | "count"> };

/** A membership entry in its graph. */
export interface MembershipNode {
  readonly number: number;
  readonly record: KeptMembership;
  readonly effective: number;
}

/** A node whose body is of that type. */
export type NodeOf<Type extends RoomBody["type"]> = MembershipNode & {
  readonly record: { readonly body: Extract<RoomBody, { readonly type: Type }> };
};

/** The entries about one user. */
export interface UserNodes {
  readonly invitations: MembershipNode[];
  readonly removals: MembershipNode[];
  /** The owner's: what makes the user an admin. */
  readonly promotions: MembershipNode[];
  /** The owner's: what ends that, removals included. */
  readonly demotions: MembershipNode[];
  /** The user's own; for the owner, also the room's first entry. */
  readonly joins: MembershipNode[];
  readonly leaves: MembershipNode[];
}

const NOBODY: UserNodes = {
  ...{ invitations: [], removals: [], promotions: [], demotions: [], joins: [], leaves: [] },
};

/** All membership entries of a room, each behind those that it names; which of them count, others say. */
export class MembershipGraph {
  readonly owner: string;
  readonly nodes: MembershipNode[] = [];
  /** The owner's settings, the oldest first. */
  readonly settings: (NodeOf<"set"> | NodeOf<"create">)[] = [];
  readonly #ancestry = new Ancestry();
  readonly #byHash = new Map<string, MembershipNode>();
  readonly #byUser = new Map<string, UserNodes>();
  readonly #heads = new Map<string, MembershipNode>();
  /** The parents of the entry that was prepared last. */
  #parents: readonly MembershipNode[] = [];
  /** Keys and devices, each once in memory. */
  readonly #texts = new Map<string, string>();

  constructor(first: MembershipRecord) {
    this.owner = first.author;
    this.add(this.prepare(first));
  }

  get(hash: string): MembershipNode | undefined {
    return this.#byHash.get(hash);
  }

  /** The entries that no other one names. */
  get heads(): MembershipNode[] {
    return [...this.#heads.values()];
  }

  about(user: string): UserNodes {
    return this.#byUser.get(user) ?? NOBODY;
  }

  /** All whom an entry is by or about. */
  get users(): Iterable<string> {
    return this.#byUser.keys();
  }

  /** Whether one stands before the other. */
  isBefore(one: MembershipNode, other: MembershipNode): boolean {
    return this.#ancestry.isBefore(one.number, other.number);
  }

  /** A node for an entry whose parents are here, to be compared with others; added next, or discarded. */
  prepare(record: MembershipRecord): MembershipNode {
    const parents = this.#parentsOf(record);
    const number = this.#ancestry.add(parents.map(({ number }) => number));
    const effective = effectiveTime(record.header, parents.map(({ effective }) => effective));
    const { hash, body, header: { at, count } } = record;
    const author = this.#same(record.author);
    const kept = { hash, author, device: this.#same(record.device), body, header: { at, count } };
    this.#parents = parents;
    return { number, record: kept, effective };
  }

  /** Takes the one that was prepared last back. */
  discard(): void {
    this.#ancestry.removeNewest();
  }

  add(node: MembershipNode): void {
    const { record } = node;
    this.nodes.push(node);
    this.#byHash.set(record.hash, node);
    for (const { record: { hash } } of this.#parents) this.#heads.delete(hash);
    this.#heads.set(record.hash, node);
    this.#sort(node);
  }

  #parentsOf({ membership }: MembershipRecord): MembershipNode[] {
    return membership.flatMap((hash) => this.#byHash.get(hash) ?? []);
  }

  #same(text: string): string {
    return this.#texts.getOrInsert(text, text);
  }

  #sort(node: MembershipNode): void {
    const { author, body } = node.record;
    const own = this.#of(author);
    switch (body.type) {
      case "create":
        own.joins.push(node);
        this.settings.push(node as NodeOf<"create">);
        return;
      case "set":
        this.settings.push(node as NodeOf<"set">);
        return;
      case "join":
        own.joins.push(node);
        return;
      case "leave":
        own.leaves.push(node);
        return;
      case "invite":
        this.#of(body.identity.toHex()).invitations.push(node);
        return;
      case "remove": {
        const user = this.#of(body.identity.toHex());
        user.removals.push(node);
        if (author === this.owner) user.demotions.push(node);
        return;
      }
      case "role": {
        const user = this.#of(body.identity.toHex());
        (body.isAdmin ? user.promotions : user.demotions).push(node);
      }
    }
  }

  #of(user: string): UserNodes {
    return this.#byUser.getOrInsertComputed(
      user,
      () => ({
        ...{ invitations: [], removals: [], promotions: [], demotions: [], joins: [], leaves: [] },
      }),
    );
  }
}
