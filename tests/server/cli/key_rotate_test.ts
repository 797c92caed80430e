import { assert, assertEquals, assertThrows } from "@std/assert";
import { hasRotatedTo } from "../../../protocol/mod.ts";
import { MimServer } from "../../../server/mod.ts";
import { rotateKey } from "../../../server/identity/mod.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { Mim2Client } from "../../helpers/mim2_client.ts";
import { TestProcess } from "../../helpers/process.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

async function offerOf(folder: TempFolder) {
  await using server = MimServer.listen({ hostname: "127.0.0.1", port: 0, data: folder.path });
  using client = await Mim2Client.connect(server.port);
  const offer = await client.offered;
  assert(offer !== undefined && client.welcome.length === 1, client.welcome.join("\n"));
  return offer;
}

function rotate(...args: string[]): TestProcess {
  return TestProcess.deno("server/main.ts", ["key", "rotate", ...args]);
}

Deno.test("key rotate: the server has a new key, and the welcome leads clients from each old one to it", async () => {
  using folder = new TempFolder();
  const first = (await offerOf(folder)).announcement.serverKey;
  const keys = [first];
  for (let rotation = 0; rotation < 2; rotation++) {
    await using process = rotate("--data", folder.path);
    assertEquals(await process.exitCode(), 0);
    const { announcement, rotations } = await offerOf(folder);
    assertEquals(rotations.length, rotation + 1);
    for (const key of keys) assert(hasRotatedTo(key, announcement.serverKey, rotations));
    keys.push(announcement.serverKey);
  }
  assertEquals(new Set(keys.map((key) => key.toHex())).size, 3);
});

Deno.test("key rotate: the ninth is refused while clients may need the first, and says later who is cut off", async () => {
  using folder = new TempFolder();
  const first = (await offerOf(folder)).announcement.serverKey;
  const start = Date.UTC(2020, 0, 1);
  for (let rotation = 0; rotation < 8; rotation++) {
    assertEquals(rotateKey(folder.path, start + rotation).cutOff, undefined);
  }
  assertThrows(() => rotateKey(folder.path, start + 29 * DAY_MS), Error, "Wait until 2020-01-31");
  const { announcement, rotations } = await offerOf(folder);
  assert(hasRotatedTo(first, announcement.serverKey, rotations), "the refusal changed nothing");
  assertEquals(rotateKey(folder.path, start + 30 * DAY_MS).cutOff, new Date(start));
  for (let rotation = 0; rotation < 7; rotation++) {
    rotateKey(folder.path, start + 61 * DAY_MS + rotation);
  }
  await using process = rotate("--data", folder.path);
  await process.waitFor(/^clients that were last here before 20\d\d-\d\d-\d\d can't follow/);
  assertEquals(await process.exitCode(), 0);
});

Deno.test("key rotate: a rotation that was cut short leaves the server with its key, and says nothing of it", async () => {
  using folder = new TempFolder();
  const { announcement } = await offerOf(folder);
  const key = Deno.readTextFileSync(`${folder.path}/server.key`);
  {
    await using process = rotate("--data", folder.path);
    await process.exitCode();
  }
  Deno.writeTextFileSync(`${folder.path}/server.key`, key);
  const after = await offerOf(folder);
  assertEquals([after.announcement.serverKey, after.rotations], [announcement.serverKey, []]);
});

Deno.test("key rotate: without a key, and with other words, it is wrong usage", async () => {
  using folder = new TempFolder();
  await using process = rotate("--data", folder.path);
  await process.waitForError(/must contain a key, got no file/);
  assertEquals(await process.exitCode(), 2);
  await using other = TestProcess.deno("server/main.ts", ["key", "show"]);
  await other.waitForError(/Expected key rotate \[--data DIR\]/);
  assertEquals(await other.exitCode(), 2);
});
