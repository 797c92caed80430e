/** Nobody but its members sees the talk of a room: neither the server nor anyone on the wire. */

import { assert } from "@std/assert";
import { testIdentity } from "../../../fixtures/keys.ts";
import { TempFolder } from "../../../helpers/disk.ts";
import { RecordingNetwork } from "../../../helpers/faults.ts";
import { TestEnvironment } from "../../../helpers/test_environment.ts";
import { poll } from "../../../helpers/wait.ts";

const CANARY = "canary-3c9e21";
const ROUNDS = 20;
const WAIT = { timeoutMs: 60_000 } as const;

/** A text as it may stand in bytes. */
function encodings(text: string): Uint8Array[] {
  const utf8 = new TextEncoder().encode(text);
  const utf16 = Uint8Array.from([...text].flatMap((letter) => [0, letter.charCodeAt(0)]));
  return [utf8, utf16, new TextEncoder().encode(utf8.toHex())];
}

Deno.test("blindness: a word said in a room is in no byte on the network", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const recordings: RecordingNetwork[] = [];
  const recorded = () => {
    const machine = env.machine();
    const recording = new RecordingNetwork(machine.network);
    recordings.push(recording);
    return { ...machine, network: recording.network };
  };
  const server = recorded();
  const { address: hostname, network } = server;
  const { port } = env.serve({ data: folder.path, hostname, network }).server;
  const at = { hostname, port };
  const [ada, bob] = ["ada", "bob"].map((name, index) =>
    env.user(name, at, recorded(), { identity: testIdentity(index + 1) })
  );
  assert(ada && bob);
  await ada.login();
  await bob.login();
  const room = await ada.rooms.create(`x${CANARY}`);
  const invited = bob.waitFor("room-invited", WAIT);
  await room.invite(await ada.users.find("bob", WAIT));
  const { room: theirs } = await invited;
  await theirs.join();
  await poll(() => room.members.every(({ role }) => role !== "guest"), "bob has joined");
  for (let round = 0; round < ROUNDS; round++) await room.send(`${round} ${CANARY}`);
  await poll(() => theirs.unread === ROUNDS, "bob has it all");
  await theirs.send(`${CANARY} too`);
  await poll(() => room.unread === 1, "ada has the answer");
  // A file is read as a stream, since these two have no disk.
  const offered = bob.waitFor("file-offered", WAIT);
  const file = new Blob([`${CANARY} `.repeat(20_000)]);
  const given = await room.sendFile(file, { name: `${CANARY}.txt` });
  const { transfer } = await offered;
  const content = await new Response(transfer.stream()).text();
  assert(content.includes(CANARY));
  await given.done;
  // The search works: it finds the welcome, which crosses the network as it is.
  const [welcome] = encodings("MIM/2 ");
  assert(welcome !== undefined && recordings[0]?.has(welcome));
  for (const encoded of encodings(CANARY)) {
    for (const recording of recordings) assert(!recording.has(encoded), "somebody has read it");
  }
});
