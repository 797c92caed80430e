/** What users with keys say to each other is seen by nobody else: not by the server, nor on the wire. */

import { assert, assertEquals } from "@std/assert";
import { keyTag } from "../../../protocol/mod.ts";
import { testIdentity, testKey } from "../../fixtures/keys.ts";
import { poll } from "../../helpers/wait.ts";
import { RecordingNetwork } from "../../helpers/faults.ts";
import { TempFolder } from "../../helpers/disk.ts";
import type { TestUser } from "../../helpers/test_user.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";

const CANARY = "canary-7d1f3e";
const ROUNDS = 300;

/** A text as it may stand in bytes. */
function encodings(text: string): Uint8Array[] {
  const units = Array.from(text, (letter) => letter.charCodeAt(0));
  const utf8 = new TextEncoder().encode(text);
  return [
    utf8,
    Uint8Array.from(units.flatMap((unit) => [unit >> 8, unit & 255])),
    Uint8Array.from(units.flatMap((unit) => [unit & 255, unit >> 8])),
    new TextEncoder().encode(utf8.toHex()),
  ];
}

Deno.test("blindness: a word that three users send, and who is online, is in no byte on the network", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const recorded = () => {
    const machine = env.machine();
    const recording = new RecordingNetwork(machine.network);
    return { recording, machine: { ...machine, network: recording.network } };
  };
  const server = recorded();
  const { address: hostname, network } = server.machine;
  const { port } = env.serve({ data: folder.path, hostname, network }).server;
  const at = { hostname, port };
  const users: TestUser[] = [];
  const recordings: RecordingNetwork[] = [];
  for (const [index, name] of ["ada", "bob", "carol"].entries()) {
    const { machine, recording } = recorded();
    // Carol's port is refused: she is asked to call.
    const listen = name === "carol" ? { listen: { hostname: "127.0.0.1" } } : {};
    const user = env.user(name, at, machine, { identity: testIdentity(index + 1), ...listen });
    await user.login();
    users.push(user);
    recordings.push(recording);
  }
  const [ada, bob, carol] = users;
  assert(ada && bob && carol);
  for (const other of [bob, carol]) {
    const atAda = await ada.call(other.name);
    const { chat: atOther } = await other.saw("chat-opened", { name: "ada" });
    assertEquals([atAda.security, atOther.security], ["new", "new"]);
    for (let round = 0; round < ROUNDS; round++) {
      const text = `${round} ${CANARY} ${"x".repeat(round)}\nand more`;
      await atAda.send(text);
      await other.saw("message", { name: "ada", text });
      await atOther.send(`${text}, says ${other.name}`);
      await ada.saw("message", { text: `${text}, says ${other.name}` });
    }
    // Nor in the chat after.
    await atOther.close();
    await ada.saw("chat-closed", { name: other.name });
    await (await ada.call(other.name)).send(`${CANARY} later`);
    await other.saw("message", { text: `${CANARY} later` });
  }
  // What is looked for would be found: the welcome crosses the network as it is, names do not.
  const [welcome] = encodings("MIM/2 ");
  assert(welcome !== undefined && server.recording.has(welcome));
  for (const encoded of encodings("carol")) {
    assert(!server.recording.has(encoded), "who is online can be read on the wire");
  }
  for (const { size } of recordings) assert(size > ROUNDS * CANARY.length, String(size));
  for (const encoded of encodings(CANARY)) {
    assert(!server.recording.has(encoded), "the server has seen the canary");
    for (const recording of recordings) assert(!recording.has(encoded), "somebody on the wire has");
  }
  await poll(() => users.every(({ outbox }) => outbox.length === 0), "all acknowledged");
  assertEquals(
    new Set(users.map(({ publicKey: identity }) => keyTag(identity ?? testKey(0)))).size,
    3,
  );
});

Deno.test("blindness: the same word is found in classic MIM, so the search works", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const machine = env.machine();
  const recording = new RecordingNetwork(machine.network);
  const ada = env.user("ada", at, { ...machine, network: recording.network });
  const bob = env.user("bob", at);
  for (const user of [ada, bob]) await user.login();
  await (await ada.call("bob")).send(CANARY);
  await bob.saw("message", { text: CANARY });
  const [utf8] = encodings(CANARY);
  assert(utf8 !== undefined && recording.has(utf8));
});
