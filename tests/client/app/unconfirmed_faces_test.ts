/** Every face says of whom nothing confirms the name. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { chatWarning, userBadges } from "../../../client/app/mod.ts";
import type { ClientEvent } from "../../../client/app/mod.ts";
import { jsonLine } from "../../../client/terminal/render/json.ts";
import { plainLine } from "../../../client/terminal/render/plain.ts";
import { recordOf } from "../../../client/terminal/render/record.ts";
import { TextLines } from "../../../client/terminal/render/text.ts";
import { NO_CHATS } from "../../../client/terminal/render/view.ts";
import { PendingCalls } from "../../../client/window/state/pending_calls.ts";
import { Screen } from "./screen.ts";
import { Mim2Peer, Wire } from "../../helpers/peers.ts";
import { TableServer } from "../../helpers/table_server.ts";
import { testKey } from "../../fixtures/keys.ts";

Deno.test("faces: a caller whose name nothing confirms is called that in each of them", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const wire = await Wire.dial(server.network.host("198.18.9.9"), ada.address, ada.port);
  await Mim2Peer.call(wire, { name: "bob", key: testKey(9) });
  const event = await ada.saw("incoming-call");
  const why = /nothing confirms that it is who the name says/;
  for (const text of shown(event)) assertMatch(text, why);
  const tag = event.caller.identity?.tag ?? "";
  assertMatch(
    shown(event)[1] ?? "",
    new RegExp(`^incoming-call\tbob\t198\\.18\\.9\\.9:\\d+\t${tag}\tunconfirmed\tbob`),
  );
  const { name, keyTag, security, waiting } = JSON.parse(shown(event)[2] ?? "");
  assertEquals([name, keyTag, security, waiting], ["bob", tag, "unconfirmed", 0]);
  const [row] = new PendingCalls(ada).callers;
  assertMatch(row?.warning?.text ?? "", why);
  const chat = await event.caller.accept();
  const opened = { type: "chat-opened", chat } as const;
  const [text = "", plain = "", json = ""] = shown(opened);
  assertMatch(text, /encrypted, with a key that nothing confirms: \/verify bob/);
  assertStringIncludes(plain, "\tunconfirmed\t");
  assertStringIncludes(json, '"security":"unconfirmed"');
  assertMatch(chatWarning(ada, chat) ?? "", /^nothing confirms that bob is who the name says/);
  wire.close();
});

Deno.test("faces: a listed user whom nothing confirms has that flag, and loses it once compared", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const bob = await server.user("bob", { isCertified: false });
  const flags = () => {
    const user = ada.sees(bob);
    const [badges = {}] = userBadges(ada, [user]);
    return recordOf({ type: "user", number: 1, user, badges }).flags;
  };
  assertEquals(flags(), ["unconfirmed"]);
  ada.trust.safetyNumber("bob");
  await ada.trust.verify("bob");
  assertEquals(flags(), ["verified"]);
});

Deno.test("faces: a contact who goes by another certified name is shown with both", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  await server.pin(ada, "bob", testKey(8));
  const robert = await server.user("robert", { key: testKey(8) });
  const chat = await robert.call(ada).then(() => ada.saw("chat-opened")).then(({ chat }) => chat);
  assertMatch(chatWarning(ada, chat) ?? "", /^this is the key that you know as bob, who goes by/);
  const user = ada.sees(robert);
  const [badges = {}] = userBadges(ada, [user]);
  assertEquals(badges, { security: "pinned", knownAs: "bob" });
  const [text = ""] = shown({ type: "user", number: 1, user, badges });
  assertMatch(text, /, pinned, you know it as bob/);
});

Deno.test("faces: scripts see with each user who comes or changes what a row of /who says", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const screen = new Screen(ada);
  const flagsIn = async () => {
    const event = await screen.saw("online", { name: "bob" });
    const [, plain = "", json = ""] = shown(event);
    const flags = plain.split("\t")[3];
    assertEquals(JSON.parse(json).flags, flags?.split(","));
    return flags;
  };
  await server.user("bob", { isCertified: false });
  assertEquals(await flagsIn(), "unconfirmed");
  ada.trust.safetyNumber("bob");
  await ada.trust.verify("bob");
  await ada.isTold((row) => row.name === "bob" ? { ...row, availability: "away" } : row);
  assertEquals(await flagsIn(), "verified,away");
});

/** An event as terminals, plain lines and JSON show it. */
function shown(event: ClientEvent): string[] {
  return [
    new TextLines().of(event, new Date(), NO_CHATS).join("\n"),
    plainLine(event),
    jsonLine(event),
  ];
}
