import type { RoomPolicy } from "../../../protocol/mod.ts";
import type { MembershipGraph, MembershipNode, NodeOf } from "./membership_graph.ts";
import type { RoomRecord } from "./room_record.ts";

/** Behind which of the three steps an entry counts; 0 if it counts for nothing. */
export type CountingStep = 0 | 1 | 2 | 3;

/**
 * The rights of members. Nothing depends on a date or on the order of arrival: an entry is judged by the
 * entries before it, and by those that were written against its author without knowing of it.
 */
export class MembershipRules {
  readonly #graph: MembershipGraph;
  readonly #steps: CountingStep[] = [];

  constructor(graph: MembershipGraph) {
    this.#graph = graph;
  }

  counts({ number }: MembershipNode): boolean {
    return (this.#steps[number] ?? 0) > 0;
  }

  /** Judges the newest entry, and anew all whom it may change. Returns whether it may have changed any. */
  judgeNewest(): boolean {
    const { nodes } = this.#graph;
    const newest = nodes.at(-1);
    if (newest === undefined) return false;
    const { type } = newest.record.body;
    const isOverturning = type === "remove" || type === "role";
    // No removal by a member counts for a step that does not count itself.
    const first = isOverturning ? 0 : newest.number;
    for (const node of nodes.slice(first)) this.#steps[node.number] = this.#stepOne(node);
    for (const node of nodes.slice(first)) {
      if (this.#steps[node.number] === 0) this.#steps[node.number] = this.#stepTwo(node);
    }
    for (const node of nodes.slice(first)) {
      if (this.#steps[node.number] === 0) this.#steps[node.number] = this.#stepThree(node);
    }
    return isOverturning;
  }

  /**
   * Whether an entry could ever count, by what stands before it alone: one that can't is as if nothing
   * had come, for everybody.
   */
  canCount(node: MembershipNode): boolean {
    const { author, body } = node.record;
    const { owner } = this.#graph;
    if (body.type === "create") return node.number === 0;
    if (body.type === "remove" && body.identity.toHex() === owner) return false;
    if (author === owner) return true;
    switch (body.type) {
      case "join":
        return this.#invitedBefore(node).length > 0;
      case "leave":
        return this.#before(this.#graph.about(author).invitations, node).length > 0;
      case "invite":
        return this.#hasJoinedBefore(node) &&
          (this.#wasAdminBefore(author, node) || this.policyBefore(node).membersInvite);
      case "remove":
        return this.#hasJoinedBefore(node) && this.#wasAdminBefore(author, node) &&
          !this.#wasAdminBefore(body.identity.toHex(), node);
      default:
        return false;
    }
  }

  /** The policy before an entry, or the current one if none is given. */
  policyBefore(node?: MembershipNode): RoomPolicy {
    return this.settingsBefore(node).record.body;
  }

  /** The settings before an entry; at last if none is given. Of several the greater hash counts. */
  settingsBefore(node?: MembershipNode): NodeOf<"set"> | NodeOf<"create"> {
    const all = this.#graph.settings;
    const before = node === undefined ? all : all.filter((one) => this.#graph.isBefore(one, node));
    const last = before.filter((one) => !before.some((other) => this.#graph.isBefore(one, other)));
    const [greatest] = last.sort((one, other) => one.record.hash < other.record.hash ? 1 : -1);
    const [first] = all;
    if (greatest !== undefined) return greatest;
    if (first === undefined) throw new Error("expected a room's first entry");
    return first;
  }

  isAdmin(user: string): boolean {
    const { promotions, demotions } = this.#graph.about(user);
    return promotions.some((made) => demotions.every((ended) => this.#graph.isBefore(ended, made)));
  }

  isMember(user: string): boolean {
    const { joins, leaves, removals } = this.#graph.about(user);
    const ends = [...leaves, ...removals.filter((removal) => this.counts(removal))];
    return joins.some((join) =>
      this.counts(join) && ends.every((end) => this.#graph.isBefore(end, join))
    );
  }

  /** The invitations by which a user may join, the newest last. */
  invitationsOf(user: string): MembershipNode[] {
    const { invitations, leaves, removals } = this.#graph.about(user);
    const ends = [...leaves, ...removals.filter((removal) => this.counts(removal))];
    return invitations.filter((invitation) =>
      this.counts(invitation) && ends.every((end) => this.#graph.isBefore(end, invitation)) &&
      this.#reopens(invitation, removals)
    );
  }

  /** Whether talk counts: its author is a member in the view of the membership entries that it names. */
  countsTalk({ author, device, header, membership }: RoomRecord): boolean {
    const named = membership.flatMap((hash) => this.#graph.get(hash) ?? []);
    if (named.length < membership.length || named.length === 0) return false;
    if (author === this.#graph.owner) return true;
    const isKnown = (node: MembershipNode) =>
      named.some((one) => one === node || this.#graph.isBefore(node, one));
    const { joins, leaves, invitations, removals } = this.#graph.about(author);
    const left = leaves.filter((leave) => isKnown(leave));
    const hasJoined = joins.some((join) =>
      this.counts(join) && isKnown(join) &&
      left.every((leave) => this.#graph.isBefore(leave, join))
    );
    return hasJoined && removals.every((removal) => {
      const { body } = removal.record;
      if (!this.counts(removal) || body.type !== "remove") return true;
      const isInvitedAnew = invitations.some((invitation) =>
        this.counts(invitation) && isKnown(invitation) &&
        this.#graph.isBefore(removal, invitation) && this.#reopens(invitation, [removal])
      );
      return isInvitedAnew ||
        body.devices.some((one) => one.device.toHex() === device && header.count <= one.count);
    });
  }

  /** Whether talk may ever count: an author who has never joined, as far as it knows, can say nothing. */
  canCountTalk({ author, membership }: RoomRecord): boolean {
    if (author === this.#graph.owner) return membership.length > 0;
    const named = membership.flatMap((hash) => this.#graph.get(hash) ?? []);
    return this.#graph.about(author).joins.some((join) =>
      named.some((one) => one === join || this.#graph.isBefore(join, one))
    );
  }

  #stepOne({ record: { author } }: MembershipNode): CountingStep {
    return author === this.#graph.owner ? 1 : 0;
  }

  /** An admin's: made one before it, and unmade or removed only before that, or behind it. */
  #stepTwo(node: MembershipNode): CountingStep {
    const { author, body } = node.record;
    if (body.type !== "invite" && body.type !== "remove") return 0;
    const { promotions, demotions } = this.#graph.about(author);
    return this.#isWithin(node, promotions, demotions) ? 2 : 0;
  }

  /** A member's: invited before it, and removed only before that, or behind it. */
  #stepThree(node: MembershipNode): CountingStep {
    const { author, body } = node.record;
    if (body.type !== "join" && body.type !== "leave" && body.type !== "invite") return 0;
    if (body.type === "invite" && !this.policyBefore(node).membersInvite) return 0;
    const { invitations, removals, leaves, joins } = this.#graph.about(author);
    const isLeave = body.type === "leave";
    const left = isLeave ? [] : this.#before(leaves, node);
    const open = invitations.filter((invitation) =>
      this.counts(invitation) && this.#reopens(invitation, removals) &&
      left.every((leave) => this.#graph.isBefore(leave, invitation))
    );
    const counting = removals.filter((removal) => this.counts(removal));
    if (!this.#isWithin(node, open, counting)) return 0;
    if (body.type !== "invite") return 3;
    const hasJoined = this.#before(joins, node).some((join) =>
      this.counts(join) && left.every((leave) => this.#graph.isBefore(leave, join))
    );
    return hasJoined ? 3 : 0;
  }

  /** Whether one of the beginnings stands before it, and each end before that, or behind it. */
  #isWithin(
    node: MembershipNode,
    beginnings: readonly MembershipNode[],
    ends: readonly MembershipNode[],
  ): boolean {
    return beginnings.some((beginning) =>
      this.#graph.isBefore(beginning, node) &&
      ends.every((end) => this.#graph.isBefore(end, beginning) || this.#graph.isBefore(node, end))
    );
  }

  /** Whoever was removed is invited anew by an admin or the owner alone. */
  #reopens(invitation: MembershipNode, removals: readonly MembershipNode[]): boolean {
    return (this.#steps[invitation.number] ?? 0) <= 2 ||
      !removals.some((removal) =>
        this.counts(removal) && this.#graph.isBefore(removal, invitation)
      );
  }

  /** The invitations before an entry of the guest that no leave of theirs has used up. */
  #invitedBefore(node: MembershipNode): MembershipNode[] {
    const { invitations, leaves } = this.#graph.about(node.record.author);
    const left = this.#before(leaves, node);
    return this.#before(invitations, node).filter((invitation) =>
      left.every((leave) => this.#graph.isBefore(leave, invitation))
    );
  }

  #hasJoinedBefore(node: MembershipNode): boolean {
    const { joins, leaves } = this.#graph.about(node.record.author);
    const left = this.#before(leaves, node);
    return this.#before(joins, node).some((join) =>
      left.every((leave) => this.#graph.isBefore(leave, join))
    );
  }

  #wasAdminBefore(user: string, node: MembershipNode): boolean {
    const { promotions, demotions } = this.#graph.about(user);
    const ended = this.#before(demotions, node);
    return this.#before(promotions, node).some((made) =>
      ended.every((end) => this.#graph.isBefore(end, made))
    );
  }

  #before(nodes: readonly MembershipNode[], node: MembershipNode): MembershipNode[] {
    return nodes.filter((one) => this.#graph.isBefore(one, node));
  }
}
