/** The orders of admins through their links. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  encodeLogin,
  identityOf,
  type OrderAction,
  type OrderSubject,
  refusalCodes,
} from "../../../protocol/mod.ts";
import { type AccessRules, MimServer, type ServerOptions } from "../../../server/mod.ts";
import { newKey } from "../../fixtures/keys.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { LogRecords } from "../../helpers/log_records.ts";
import { Mim2Client } from "../../helpers/mim2_client.ts";
import { Wire } from "../../helpers/peers.ts";
import { poll } from "../../helpers/wait.ts";
import { systemNetwork } from "../../../server/mod.ts";

const ADMIN = newKey();
const ADMIN_KEY = identityOf(ADMIN);

class Place implements AsyncDisposable {
  readonly folder = new TempFolder();
  readonly server: MimServer;
  /** The bans, as they are stored. */
  readonly stored: string[] = [];
  rules: AccessRules = { admins: [ADMIN_KEY.toHex()] };

  constructor(options: ServerOptions = {}) {
    const onBan: ServerOptions["onBan"] = (kind, who, isBanned) => {
      this.stored.push(`${isBanned ? "+" : "-"}${kind} ${who}`);
      const before = this.rules.ban?.[kind] ?? [];
      if (before.includes(who) === isBanned) return Promise.resolve(undefined);
      const after = isBanned ? [...before, who] : before.filter((one) => one !== who);
      this.rules = { ...this.rules, ban: { ...this.rules.ban, [kind]: after } };
      return Promise.resolve(this.rules);
    };
    this.server = MimServer.listen({
      hostname: "127.0.0.1",
      port: 0,
      data: this.folder.path,
      access: this.rules,
      onBan,
      ...options,
    });
  }

  admin(name = "ada"): Promise<Mim2Client> {
    return Mim2Client.login(this.server.port, name, { key: ADMIN });
  }

  user(name: string): Promise<Mim2Client> {
    return Mim2Client.login(this.server.port, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
    this.folder[Symbol.dispose]();
  }
}

let tokens = 0;

/** The outcome of an order, and how many sessions it has ended. */
async function order(by: Mim2Client, action: OrderAction, subject: OrderSubject) {
  const token = ++tokens;
  await by.say({ type: "order", token, action, subject });
  const answer = () => by.all("outcome").find((outcome) => outcome.token === token);
  await by.until(() => answer() !== undefined || by.hasEnded, `the outcome of ${action}`);
  const { outcome, ended, text } = answer() ?? {};
  return [outcome, ended, ...text ? [text] : []];
}

function keyOf({ key }: Mim2Client): OrderSubject {
  return { type: "key", key: identityOf(key) };
}

Deno.test("orders: an admin kicks by key and by session, bans and lifts the ban, and is logged", async () => {
  await using log = await LogRecords.start();
  await using place = new Place();
  using ada = await place.admin();
  assertEquals(ada.all("accepted")[0]?.isAdmin, true);
  using bob = await place.user("bob");
  assertEquals(bob.all("accepted")[0]?.isAdmin, false);
  assertEquals(await order(ada, "kick", keyOf(bob)), ["done", 1]);
  await bob.ended;
  assertEquals(bob.refusal?.code, refusalCodes.kicked);

  await using classic = await Wire.dial(systemNetwork, "127.0.0.1", place.server.port);
  while (await classic.line() !== "");
  await classic.say(encodeLogin({ name: "carl", port: 4_000 }));
  await ada.until(() => ada.entries("carl").length === 1, "carl in the table");
  const { session } = ada.entry("carl");
  assertEquals(await order(ada, "kick", { type: "session", session }), ["done", 1]);
  assertEquals(await order(ada, "kick", { type: "session", session }), ["unchanged", 0]);

  using eve = await place.user("eve");
  assertEquals(await order(ada, "ban", keyOf(eve)), ["done", 1]);
  await eve.ended;
  assertEquals(eve.refusal?.code, refusalCodes.banned);
  const { port } = place.server;
  const refusal = await Mim2Client.refused(port, "eve", { key: eve.key });
  assertEquals(refusal?.code, refusalCodes.banned);
  await poll(
    () => log.shown.some((line) => /ada at 127\S+ \([\da-f]{64}\) banned the key/.test(line)),
    "a log line",
  );
  assertMatch(log.shown.join("\n"), /ada at \S+ \([\da-f]{64}\) kicked bob at /);
});

const ignore = Deno.build.os === "windows"; // threads can't share a port there

Deno.test({ name: "orders: through threads that serve clients", ignore }, async () => {
  await using place = new Place({ workers: 2 });
  await place.server.ready;
  using ada = await place.admin();
  using bob = await place.user("bob");
  assertEquals(ada.all("accepted")[0]?.isAdmin, true);
  assertEquals(await order(bob, "kick", keyOf(ada)), ["not-admin", 0]);
  assertEquals(await order(ada, "ban", keyOf(bob)), ["done", 1]);
  await bob.ended;
  assertEquals(bob.refusal?.code, refusalCodes.banned);
});

Deno.test("orders: bans of names and networks; the same once more changes nothing", async () => {
  await using place = new Place();
  using ada = await place.admin();
  const mallory: OrderSubject = { type: "name", name: "mallory" };
  const network: OrderSubject = { type: "network", network: "192.0.2.0/24" };
  assertEquals(await order(ada, "ban", mallory), ["done", 0]);
  assertEquals(await order(ada, "ban", mallory), ["unchanged", 0]);
  assertEquals(await order(ada, "ban", network), ["done", 0]);
  const refusal = await Mim2Client.refused(place.server.port, "Mallory");
  assertEquals(refusal?.code, refusalCodes.banned);
  assertEquals(await order(ada, "unban", mallory), ["done", 0]);
  using _ = await place.user("mallory");
  assertEquals(place.rules.ban, { names: [], networks: ["192.0.2.0/24"] });
});

Deno.test("orders: nobody but an admin gives any, and nothing happens", async () => {
  await using log = await LogRecords.start();
  await using place = new Place();
  using bob = await place.user("bob");
  using eve = await place.user("eve");
  const subjects: OrderSubject[] = [keyOf(bob), { type: "name", name: "bob" }, {
    type: "session",
    session: bob.session,
  }];
  for (const [at, action] of (["kick", "ban", "unban"] as const).entries()) {
    const subject = subjects[at] ?? keyOf(bob);
    assertEquals(await order(eve, action, subject), ["not-admin", 0]);
  }
  assertEquals([place.stored, bob.hasEnded], [[], false]);
  assertMatch(log.shown.join("\n"), /rejected an order of eve at 127\.0\.0\.1 \(/);

  // The list of admins is looked at each time.
  assertEquals(place.server.changeAccess({ admins: [identityOf(eve.key).toHex()] }), 0);
  assertEquals(await order(eve, "kick", keyOf(bob)), ["done", 1]);
  place.server.changeAccess({});
  assertEquals(await order(eve, "ban", keyOf(bob)), ["not-admin", 0]);
});

Deno.test("orders: no admin is kept out by one, by key, name or network", async () => {
  await using place = new Place();
  using ada = await place.admin();
  for (
    const subject of [
      keyOf(ada),
      { type: "name", name: "ADA" },
      { type: "network", network: "127.0.0.0/8" },
    ] as const
  ) {
    assertEquals(await order(ada, "ban", subject), ["is-admin", 0]);
    assertEquals(await order(ada, "kick", subject), ["is-admin", 0]);
  }
  assertEquals([place.stored, ada.hasEnded], [[], false]);
});

Deno.test("orders: what can't be done fails with a reason, and harms nobody", async () => {
  await using place = new Place({ onBan: () => Promise.reject(new Error("the disk is full")) });
  using ada = await place.admin();
  const session = crypto.getRandomValues(new Uint8Array(8));
  assertEquals(await order(ada, "ban", { type: "name", name: "eve" }), [
    "failed",
    0,
    "the disk is full",
  ]);
  assertEquals((await order(ada, "ban", { type: "session", session }))[0], "failed");
  assertEquals((await order(ada, "ban", { type: "network", network: "10.0.0.0/99" }))[0], "failed");
  assertEquals((await order(ada, "kick", { type: "name", name: "\u200b" }))[0], "failed");
  for (let count = 0; count < 20; count++) await order(ada, "unban", { type: "name", name: "x" });
  const texts = ada.all("outcome").map(({ text }) => text);
  assert(texts.some((text) => text.startsWith("over 20 orders at once")), texts.join("\n"));
  assertEquals(ada.hasEnded, false);

  await using other = new Place({ onBan: undefined });
  using eve = await other.admin();
  assertEquals((await order(eve, "ban", { type: "name", name: "bob" }))[0], "failed");
});
