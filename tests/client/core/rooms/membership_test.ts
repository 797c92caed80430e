import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Membership } from "../../../../client/core/rooms/membership.ts";
import {
  isMembershipRecord,
  type MembershipRecord,
  type RoomRecord,
} from "../../../../client/core/rooms/room_record.ts";
import { RoomAuthor } from "../../../fixtures/room_authors.ts";

const membershipIn = (records: readonly RoomRecord[]): MembershipRecord[] =>
  records.filter(isMembershipRecord);

/** The state after these, which stand behind those that they name; what can't be added is left out. */
function stateOf(records: readonly RoomRecord[]): Membership {
  const [first, ...rest] = membershipIn(records);
  if (first === undefined) throw new Error("expected a first entry");
  const state = new Membership(first);
  for (const record of rest) if (state.canAdd(record) === "added") state.add(record);
  return state;
}

function outcomes(records: readonly RoomRecord[]): string {
  const state = stateOf(records);
  const counting = state.nodes.filter((node) => state.counts(node)).map(({ record }) =>
    record.hash
  );
  const talk = records.filter((one) => !one.isMembership && state.countsTalk(one));
  return JSON.stringify([
    [...state.people()].sort((one, other) => one.user < other.user ? -1 : 1),
    counting.sort(),
    talk.map(({ hash }) => hash).sort(),
    ...[state.name, state.topic, state.policy, state.hash],
    state.heads.map(({ record }) => record.hash).sort(),
  ]);
}

const [ada, bob, cyd, dan] = [2, 3, 4, 5].map((number) => new RoomAuthor(number)) as [
  RoomAuthor,
  RoomAuthor,
  RoomAuthor,
  RoomAuthor,
];

/** ada's room, in which bob is a member and, if asked for, an admin. */
function room(isAdmin = false, membersInvite = false): RoomRecord[] {
  const [ada, bob] = [new RoomAuthor(2), new RoomAuthor(3)];
  const first = ada.create("lab", membersInvite);
  const own = ada.join([first], "ada");
  const invited = ada.invite(bob, [own]);
  const joined = bob.join([invited], "bob");
  const all = [first, own, invited, joined];
  return isAdmin ? [...all, ada.promote(bob, [joined])] : all;
}

const last = (records: readonly RoomRecord[]): RoomRecord[] => records.slice(-1);

Deno.test("rooms: whoever is invited and joins is a member, under the name of the join", () => {
  const records = room();
  const state = stateOf(records);
  assertEquals([state.roleOf(ada.key), state.roleOf(bob.key), state.roleOf(cyd.key)], [
    ...["owner", "member"],
    undefined,
  ]);
  assertEquals([ada, bob].map(({ key }) => state.claimOf(key)?.name), ["ada", "bob"]);
  assertEquals(stateOf(records.slice(0, 3)).roleOf(bob.key), "guest");
});

Deno.test("rooms: what can never count is as if nothing had come", () => {
  const records = room();
  const state = stateOf(records);
  const voids = [
    cyd.join(last(records)), // never invited
    bob.invite(cyd, last(records)), // the policy lets only admins
    bob.remove(ada, last(records)),
    bob.promote(bob, last(records)),
    bob.write({ type: "set", name: "x", topic: "", membersInvite: true, showsPast: true }, records),
    ada.remove(ada, last(records)),
    new RoomAuthor(2).create("other"),
  ];
  for (const record of membershipIn(voids)) {
    assertEquals(state.canAdd(record), "void", record.body.type);
  }
  const orphan = ada.join([{ ...records[0] as RoomRecord, hash: "11".repeat(32) }]);
  assertEquals(membershipIn([orphan]).map((one) => state.canAdd(one)), ["orphan"]);
  assertEquals(membershipIn(records).map((one) => state.canAdd(one))[0], "known");
});

Deno.test("rooms: a member who is removed can write nothing more, however it is dated", () => {
  const records = room();
  const said = bob.say("before", last(records), 1_000, 0);
  const devices = [{ device: bob.device, count: 0 }];
  const removal = ada.remove(bob, last(records), devices);
  const late = [
    bob.say("backdated", last(records), 1, 1),
    bob.say("knowing of it", [removal], 5_000, 2),
  ];
  const other = new RoomAuthor(3, 2).say("on another device", last(records), 1, 0);
  const rejoin = bob.join([removal]);
  const hidden = bob.join(last(records));
  const state = stateOf([...records, removal, rejoin, hidden]);
  assertEquals(state.roleOf(bob.key), undefined);
  assert(state.countsTalk(said));
  for (const talk of [...late, other]) assert(!state.countsTalk(talk));
  // A new invitation behind the removal opens the room again.
  const anew = ada.invite(bob, [removal]);
  const back = bob.join([anew]);
  const again = stateOf([...records, removal, anew, back]);
  assertEquals(again.roleOf(bob.key), "member");
  assert(again.countsTalk(bob.say("back", [back], 9_000, 3)));
  assert(!again.countsTalk(bob.say("not back", last(records), 9_000, 4)));
});

Deno.test("rooms: an admin who is unmade or removed can remove and invite nobody, dated before or not", () => {
  for (const how of ["removed", "unmade"]) {
    const records = room(true);
    const ended = how === "removed"
      ? ada.remove(bob, last(records))
      : ada.promote(bob, last(records), false);
    const invitation = bob.invite(cyd, last(records));
    const joined = cyd.join([invitation]);
    const later = bob.invite(dan, [ended]);
    const state = stateOf([...records, invitation, joined, ended, later]);
    assertEquals([cyd, dan].map(({ key }) => state.roleOf(key)), [undefined, undefined], how);
    assert(!state.countsTalk(cyd.say("hi", [joined])));
    // Entries that the owner knew of stand.
    const known = how === "removed" ? ada.remove(bob, [joined]) : ada.promote(bob, [joined], false);
    assertEquals(stateOf([...records, invitation, joined, known]).roleOf(cyd.key), "member");
  }
});

Deno.test("rooms: nobody removes the owner, and no admin another admin", () => {
  const records = room(true);
  const invited = ada.invite(cyd, last(records));
  const joined = cyd.join([invited]);
  const made = ada.promote(cyd, [joined]);
  const state = stateOf([...records, invited, joined, made]);
  for (const target of [ada, cyd]) {
    const removal = membershipIn([bob.remove(target, [made])]);
    assertEquals(removal.map((one) => state.canAdd(one)), ["void"]);
  }
});

Deno.test("rooms: members invite where the policy lets them, but nobody who was removed", () => {
  const records = room(false, true);
  const invited = bob.invite(cyd, last(records));
  const joined = cyd.join([invited]);
  const removal = ada.remove(cyd, [joined]);
  const again = bob.invite(cyd, [removal]);
  const back = cyd.join([again]);
  assertEquals(stateOf([...records, invited, joined]).roleOf(cyd.key), "member");
  const state = stateOf([...records, invited, joined, removal, again, back]);
  assertEquals(state.roleOf(cyd.key), undefined);
});

Deno.test("rooms: whoever leaves needs a new invitation; the owner comes back with one or without", () => {
  const records = room();
  const left = bob.leave(last(records));
  const state = stateOf([...records, left]);
  assertEquals(state.roleOf(bob.key), undefined);
  assertEquals(membershipIn([bob.join([left])]).map((one) => state.canAdd(one)), ["void"]);
  assert(!state.countsTalk(bob.say("bye", [left])));
  const gone = ada.leave([left]);
  const without = stateOf([...records, left, gone]);
  assertEquals([without.roleOf(ada.key), without.servedAs(ada.key)], [undefined, "guest"]);
  assertEquals(stateOf([...records, left, gone, ada.join([gone])]).roleOf(ada.key), "owner");
});

Deno.test("rooms: of two settings, none before the other, the greater hash counts", () => {
  const records = room();
  const set = (name: string) =>
    ada.write(
      { type: "set", name, topic: name, membersInvite: false, showsPast: false },
      last(records),
    );
  const [one, other] = [set("one"), set("other")];
  const name = one.hash > other.hash ? "one" : "other";
  assertEquals(stateOf([...records, one, other]).name, name);
  assertEquals(stateOf([...records, other, one]).topic, name);
});

/** An action of someone, in the view of entries that others may not have: also one that is not allowed. */
const anyDeed = fc.record({
  who: fc.nat(4),
  whom: fc.nat(4),
  what: fc.constantFrom("invite", "join", "leave", "remove", "promote", "demote", "set", "say"),
  sees: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
  ["at"]: fc.nat(100),
});

const anyRoom = fc.tuple(fc.array(anyDeed, { maxLength: 40 }), fc.boolean()).map(
  ([deeds, membersInvite]) => {
    const people = [2, 3, 4, 5, 6].map((number) => new RoomAuthor(number));
    const records = room(true, membersInvite);
    let count = 10;
    for (const { who, whom, what, sees, at } of deeds) {
      const [author, other] = [people[who], people[whom]];
      if (author === undefined || other === undefined) continue;
      const named = sees.flatMap((one) => records[records.length - 1 - one % records.length] ?? []);
      const membership = named.filter(({ isMembership }) => isMembership);
      if (membership.length === 0) continue;
      const devices = [{ device: other.device, count: 12 }];
      const policy = { membersInvite: at % 2 === 0, showsPast: true };
      const record = what === "say"
        ? author.say("hi", named, at, count++)
        : what === "invite"
        ? author.invite(other, membership)
        : what === "remove"
        ? author.remove(other, membership, devices)
        : what === "set"
        ? author.write({ type: "set", name: `n${at}`, topic: "", ...policy }, membership)
        : what === "promote" || what === "demote"
        ? author.promote(other, membership, what === "promote")
        : author[what](membership);
      // Entries that are no entries for others are never named by those who have none of them.
      const state = stateOf(records);
      const isVoid = isMembershipRecord(record) && state.canAdd(record) !== "added";
      if (!isVoid) records.push(record);
    }
    return records;
  },
);

/** The same entries in another order, each behind those that it names. */
function shuffled(records: readonly RoomRecord[], choices: readonly number[]): RoomRecord[] {
  const rest = [...records];
  const out: RoomRecord[] = [];
  const here = new Set<string>();
  for (let turn = 0; rest.length > 0; turn++) {
    const free = rest.filter((one) => one.membership.every((hash) => here.has(hash)));
    const next = free[(choices[turn % choices.length] ?? 0) % free.length];
    if (next === undefined) throw new Error("expected an entry that names only those before it");
    rest.splice(rest.indexOf(next), 1);
    here.add(next.hash);
    out.push(next);
  }
  return out;
}

Deno.test("rooms: any order of arrival gives the same members, roles and talk", () => {
  const choices = fc.array(fc.nat(), { minLength: 5, maxLength: 20 });
  fc.assert(
    fc.property(anyRoom, choices, (records, choices) => {
      assertEquals(outcomes(shuffled(records, choices)), outcomes(records));
    }),
    { numRuns: 200 },
  );
});

Deno.test("rooms: whom the owner has removed at last is out, whatever else anybody writes", () => {
  fc.assert(
    fc.property(anyRoom, fc.array(anyDeed, { maxLength: 20 }), (records, deeds) => {
      const [ada, bob] = [new RoomAuthor(2), new RoomAuthor(3)];
      const heads = new Set(stateOf(records).heads.map(({ record }) => record.hash));
      const membership = records.filter(({ hash }) => heads.has(hash));
      const removal = ada.remove(bob, membership);
      const before = [...records];
      // bob and others go on as if they did not know, or as if they did not care.
      const people = [3, 4, 5, 6].map((number) => new RoomAuthor(number, 9));
      const all = [...records, removal];
      for (const { who, whom, what, sees } of deeds) {
        const [author, other] = [people[who % 4], people[whom % 4]];
        if (author === undefined || other === undefined || what === "set") continue;
        const from = sees.length % 2 === 0 ? before : all;
        const named = membershipIn(
          sees.flatMap((one) => from[from.length - 1 - one % from.length] ?? []),
        );
        if (named.length === 0) continue;
        const record = what === "say"
          ? author.say("hi", named)
          : what === "invite"
          ? author.invite(other, named)
          : what === "remove"
          ? author.remove(other, named)
          : what === "promote" || what === "demote"
          ? author.promote(other, named)
          : author[what](named);
        const isInvitation = isMembershipRecord(record) && record.body.type === "invite" &&
          record.body.identity.toHex() === bob.key;
        if (isInvitation && author !== people[0]) continue; // an admin may invite bob anew
        if (isMembershipRecord(record) && stateOf(all).canAdd(record) !== "added") continue;
        all.push(record);
      }
      const state = stateOf(all);
      assertEquals(state.roleOf(bob.key), undefined);
      for (const one of all.slice(before.length)) {
        if (one.author === bob.key && !one.isMembership) assert(!state.countsTalk(one));
      }
    }),
    { numRuns: 200 },
  );
});

Deno.test("rooms: among many who join at once, an entry names all that it rests on", () => {
  const [ada, bob] = [new RoomAuthor(2), new RoomAuthor(3)];
  const first = ada.create();
  const own = ada.join([first]);
  const invited = ada.invite(bob, [own]);
  const guests = Array.from({ length: 30 }, (_, at) => new RoomAuthor(at + 10));
  let named = invited;
  const invitations = guests.map((guest) => named = ada.invite(guest, [named]));
  const joins = guests.map((guest, at) => guest.join([invitations[at] as RoomRecord]));
  // bob joins in the view of few, and long before all others.
  const joined = bob.write({ type: "join", name: "bob" }, [invited], { at: 1 });
  const state = stateOf([first, own, invited, ...invitations, joined, ...joins]);
  assert(state.heads.length > 8);
  const text = { type: "text", replyTo: new Uint8Array(), text: "hi" } as const;
  const hashes = state.namedBy(bob.key, text).map(({ record }) => record.hash);
  const ownNamed = [joined, ...joins, ...invitations].filter(({ hash }) => hashes.includes(hash));
  assertEquals(ownNamed.length, 8);
  assert(state.countsTalk(bob.say("hi", ownNamed)));
  const removal = { type: "remove", identity: bob.identity, devices: [] } as const;
  const behind = state.namedBy(ada.key, removal).map(({ record }) => record);
  assert(behind.some(({ hash }) => hash === joined.hash));
});

Deno.test("rooms: a long line of invitations and joins is taken", () => {
  const ada = new RoomAuthor(2);
  const first = ada.create();
  const state = new Membership(membershipIn([first])[0] as MembershipRecord);
  const owner = ada.join([first]);
  state.add(membershipIn([owner])[0] as MembershipRecord);
  let named = [owner];
  for (let at = 0; at < 300; at++) {
    const guest = new RoomAuthor(at % 200 + 10, at);
    const pair = [ada.invite(guest, named)];
    pair.push(guest.join(pair));
    for (const record of membershipIn(pair)) {
      if (state.canAdd(record) === "added") state.add(record);
    }
    named = pair.slice(1);
  }
  assertEquals(state.nodes.length, 602);
});
