/** After a command that was to change where lines go, and failed, they go to nobody. */

import { assertEquals, assertMatch } from "@std/assert";
import type { Chat } from "../../../client/core/mod.ts";
import { givesWayTo, missedTarget } from "../../../client/app/send_target.ts";
import { COMMAND_TABLE } from "../../../client/commands/table.ts";
import { testKey } from "../../fixtures/keys.ts";
import { TableServer } from "../../helpers/table_server.ts";
import type { TestUser } from "../../helpers/test_user.ts";
import { Screen } from "./screen.ts";

/** Ada with a screen, in a chat with tina. */
async function inChat(server: TableServer): Promise<{ screen: Screen; tina: TestUser }> {
  const ada = await server.user("ada");
  const tina = await server.user("tina");
  const screen = new Screen(ada);
  screen.context.activeChat.showsTarget = false;
  await screen.type("/talk tina", "hello");
  await tina.saw("message", { text: "hello" });
  screen.clear();
  return { screen, tina };
}

const FAILING = [
  "/talk",
  "/talk nobody",
  "/talk #board",
  "/talk 12",
  "/join",
  "/join #board",
  "/join board",
  "/accept",
  "/accept eve",
  "/room",
  "/room board",
  "/room new board nobody",
  "/jion #board",
  "/tlak nobody",
  "/JOIN #board",
];

for (const line of FAILING) {
  Deno.test(`after a failed ${line} the next line goes to nobody`, async () => {
    await using server = new TableServer();
    const { screen, tina } = await inChat(server);
    await screen.type(line, "board only: we sell");
    const [error, note, refused] = screen.told();
    assertMatch(error ?? "", /^error: /);
    assertMatch(note ?? "", /^note: Lines go to nobody now; .*\/talk tina goes back to tina$/);
    assertMatch(refused ?? "", /^note: Not sent: .*\/talk tina goes back to tina$/);
    await screen.type("/talk tina", "for tina");
    await tina.saw("message", { text: "for tina" });
    assertEquals(tina.events.all.filter(({ text }) => String(text).includes("sell")), []);
  });
}

Deno.test("a command that changes where lines go is marked as such, and no other", () => {
  const marked = COMMAND_TABLE.commands.flatMap(({ name, placeOf }) => placeOf ? name : []);
  assertEquals(marked.toSorted(), ["accept", "join", "room", "talk"]);
});

Deno.test("after another failed command, lines go on to the chat", async () => {
  await using server = new TableServer();
  const { screen, tina } = await inChat(server);
  await screen.type("/invite bob", "/whoo", "/xyzzy", "/close nobody", "still here");
  await tina.saw("message", { text: "still here" });
});

Deno.test("after a failed command in a room, its note says how to go back there", async () => {
  await using server = new TableServer();
  const { screen } = await inChat(server);
  await screen.type("/room new lab", "/talk nobody", "/join #none", "lost");
  assertEquals(screen.told().slice(-1), [
    "note: Not sent: #none could not be reached; /join #none tries again, /talk #lab goes back " +
    "there",
  ]);
});

Deno.test("lines typed while a room is joined go there, or to nobody", async () => {
  await using server = new TableServer();
  const { screen, tina } = await inChat(server);
  await screen.type("/room new lab tina", "/talk tina");
  const atTina = new Screen(tina);
  await atTina.type("/talk ada");
  await tina.saw("room-invited");
  const joining = atTina.run("/join #lab");
  await atTina.run("for the lab");
  await joining;
  await screen.saw("room-message", { text: "for the lab" });
  assertEquals(screen.all.filter(({ event }) => event === "message"), []);
  const making = atTina.run("/room new board nobody");
  await atTina.run("for the board");
  await making;
  assertEquals(
    atTina.told().filter((line) => line.includes("for the board")),
    ['note: Not sent, since #board could not be reached: "for the board"'],
  );
});

function chat(name: string, address: string, key?: Uint8Array, state = "open"): Chat {
  return { name, address, port: 4000, identity: key, state } as unknown as Chat;
}

Deno.test("an inactive chat gives way to the same peer, and to nobody who looks like that one", () => {
  const [ours, other] = [testKey(1), testKey(2)];
  const classic = { type: "chat", chat: chat("zed", "192.0.2.9", undefined, "closed") } as const;
  const keyed = { type: "chat", chat: chat("zed", "192.0.2.9", ours, "closed") } as const;
  const cases = [
    [classic, chat("zed", "192.0.2.9"), true],
    [classic, chat("zed", "192.0.2.8"), false],
    [classic, chat("Zed", "192.0.2.8"), false],
    [classic, chat("zеd", "192.0.2.8"), false], // its e is Cyrillic
    [classic, chat("zed", "192.0.2.9", ours), false],
    [classic, chat("bob", "192.0.2.8"), true],
    [keyed, chat("zed", "192.0.2.8", ours), true],
    [keyed, chat("zed", "192.0.2.9", other), false],
    [keyed, chat("zed", "192.0.2.9"), false],
    [{ type: "chat", chat: chat("zed", "192.0.2.9") }, chat("bob", "192.0.2.8"), false],
  ] as const;
  for (const [target, incoming, gives] of cases) {
    assertEquals(givesWayTo(target, incoming), gives, `${incoming.name} at ${incoming.address}`);
  }
});

Deno.test("after a failed /talk nobody who may be meant takes the prompt by calling", () => {
  const missed = missedTarget("zed@192.0.2.9", undefined, "/talk zed@192.0.2.9");
  const numbered = { ...missedTarget("3", undefined, "/talk 3"), user: { name: "zed" } };
  for (const target of [missed, numbered]) {
    for (const name of ["zed", "Zed", "zеd"]) {
      assertEquals(givesWayTo(target, chat(name, "192.0.2.8")), false, name);
    }
    assertEquals(givesWayTo(target, chat("bob", "192.0.2.8")), true);
  }
  for (const name of ["#board", ""]) {
    const target = missedTarget(name, undefined, "/join #board");
    assertEquals(givesWayTo(target, chat("bob", "192.0.2.8")), false, name);
  }
  assertEquals(
    givesWayTo(missedTarget("chat 5", undefined, undefined), chat("bob", "192.0.2.8")),
    false,
  );
});
