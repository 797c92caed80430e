import { assertEquals } from "@std/assert";
import { clientLimits } from "../../../../client/core/limits.ts";
import type { UserDetails } from "../../../../client/core/online_user.ts";
import { watchedItem, WatchList } from "../../../../client/core/presence/watch_list.ts";
import type { WatchedItem } from "../../../../protocol/mod.ts";

const named = (name: string): WatchedItem => ({ type: "name", name });
const keyed = (byte: number): WatchedItem => ({
  type: "identity",
  identity: new Uint8Array(32).fill(byte),
});
const SERVER = new Uint8Array(32).fill(1);

/** A user of the table, as far as a list looks. */
function user(name: string, byte?: number): Parameters<WatchList["covers"]>[0] {
  const identity = byte === undefined ? new Uint8Array() : new Uint8Array(32).fill(byte);
  const details: UserDetails = {
    ...{ session: new Uint8Array(8), capabilities: 0, identity, certificate: undefined },
    ...{ availability: "online", status: "", reachability: "unknown", addresses: [] },
  };
  return { name, details };
}

Deno.test("watch list: only what differs from what was said is said", () => {
  const list = new WatchList();
  const contacts = [keyed(1), keyed(2)];
  list.addSource(() => contacts);
  list.remember("named", named("Bob"));
  list.begin(SERVER);
  assertEquals(list.takeChanges(), { added: [named("Bob"), keyed(1), keyed(2)], dropped: [] });
  list.remember("named", named("BOB"));
  list.remember("found", keyed(2));
  assertEquals(list.takeChanges(), { added: [], dropped: [] }, "these were said by other words");
  contacts.shift();
  assertEquals(list.takeChanges(), { added: [], dropped: [keyed(1)] });
  assertEquals(list.covers(user("bob")), true);
  assertEquals(list.covers(user("carol", 2)), true);
  assertEquals(list.covers(user("carol", 1)), false);
  list.begin(SERVER);
  assertEquals(list.takeChanges().added.length, 2, "another session knows nothing");
});

Deno.test("watch list: the oldest of what was asked for goes, and a server takes only so much", () => {
  const list = new WatchList();
  list.begin(SERVER);
  for (let at = 0; at <= clientLimits.watchedNames; at++) list.remember("named", named(`n${at}`));
  const { added } = list.takeChanges();
  assertEquals(added.length, clientLimits.watchedNames);
  assertEquals(list.covers(user("n0")), false);
  list.addSource(function* () {
    for (let at = 0; at < 2 * clientLimits.watchedItems; at++) yield named(`contact ${at}`);
  });
  assertEquals(list.takeChanges().added.length, clientLimits.watchedItems - added.length);
});

Deno.test("watch list: another server learns nothing of what was asked for at this one", () => {
  const list = new WatchList();
  list.addSource(() => [keyed(1)]);
  list.remember("named", named("bob"));
  list.begin(SERVER);
  list.remember("found", keyed(2));
  list.begin(SERVER);
  assertEquals(list.takeChanges().added.length, 3, "the same one is asked again");
  list.begin(new Uint8Array(32).fill(2));
  assertEquals(list.takeChanges().added, [keyed(1)]);
});

Deno.test("watch list: who has a key is watched by it, others by name", () => {
  const identity = new Uint8Array(32).fill(3);
  assertEquals(watchedItem({ name: "bob", identity }), { type: "identity", identity });
  assertEquals(watchedItem({ name: "bob", identity: undefined }), named("bob"));
  assertEquals(watchedItem({ name: "bob", identity: new Uint8Array() }), named("bob"));
});
