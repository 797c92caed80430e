import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { EmbeddedServer, hostServer } from "../../../client/app/embedded_server.ts";
import { ClientError } from "../../../client/core/mod.ts";
import { DataDirError } from "../../../server/mod.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";

Deno.test("hosting: echo is online and says back what one says, line by line", async () => {
  await using env = TestEnvironment.fake();
  const machine = env.machine();
  const hosted = await hostServer(0, undefined, machine.network);
  const at = { hostname: "127.0.0.1", port: hosted.server.port };
  const ada = env.user("ada", at, machine);
  await ada.login();
  await ada.saw("welcome", { text: "Welcome to MIM." });
  const chat = await ada.call("echo");
  await chat.send("hello\nis there anybody?");
  await ada.saw("message", { name: "echo", text: "hello" });
  await ada.saw("message", { name: "echo", text: "is there anybody?" });
  await chat.close();
  assertEquals(hosted.server.userCount, 2);
  await hosted.close();
  await ada.saw("disconnected");
});

Deno.test("hosting: others reach the server and echo from their own machines", async () => {
  await using env = TestEnvironment.fake();
  const machine = env.machine();
  const hosted = await hostServer(4242, undefined, machine.network);
  const [bob, eve] = await env.online({ hostname: machine.address, port: 4242 }, "bob", "eve");
  for (const user of [bob, eve]) {
    const chat = await user.call("echo");
    assertEquals(chat.address, machine.address);
    await chat.send(`I am ${user.name}`);
    await user.saw("message", { name: "echo", text: `I am ${user.name}` });
  }
  await hosted.close();
  await bob.saw("disconnected");
  await bob.saw("chat-closed", { name: "echo", by: "them" });
});

Deno.test("hosting: who goes before the answer comes does no harm", async () => {
  await using env = TestEnvironment.fake();
  const machine = env.machine();
  const hosted = await hostServer(0, undefined, machine.network);
  const at = { hostname: machine.address, port: hosted.server.port };
  const [bob, eve] = await env.online(at, "bob", "eve");
  const echo = [...bob.users].find(({ name }) => name === "echo");
  const rude = await env.dial({ hostname: machine.address, port: echo?.port ?? 0 });
  await rude.say("rude\n", "x\n".repeat(1000));
  rude.close();
  const chat = await eve.call("echo");
  await chat.send("still there?");
  await eve.saw("message", { text: "still there?" });
  await hosted.close();
});

Deno.test("hosting: where somebody was faster, the port is in use, and nothing stays open", async () => {
  await using env = TestEnvironment.fake();
  const { network } = env.machine();
  const hosted = await hostServer(4242, undefined, network);
  await assertRejects(() => hostServer(4242, undefined, network), Deno.errors.AddrInUse);
  await hosted.close();
});

Deno.test("hosting: with a folder the server has a key that stays, or none is started", async () => {
  const folder = await Deno.makeTempDir();
  await using env = TestEnvironment.fake();
  const { network } = env.machine();
  const keys: (string | undefined)[] = [];
  for (const data of [`${folder}/server`, `${folder}/server`, undefined]) {
    const hosted = await hostServer(4242, data, network);
    keys.push(hosted.server.publicKey?.toHex());
    assertEquals(hosted.whyClassic === undefined, data !== undefined);
    await hosted.close();
  }
  assertEquals(keys, [keys[0], keys[0], undefined]);
  await Deno.writeTextFile(`${folder}/file`, "");
  const unusable = `${folder}/file/server`;
  await assertRejects(() => hostServer(4242, unusable, network), DataDirError, "file");
  const embedded = new EmbeddedServer(4242, () => {}, `${folder}/file`, network);
  const error = await assertRejects(() => embedded.start(), ClientError);
  assertEquals(error.code, "server-unreachable");
  assertStringIncludes(error.message, "cannot use the data folder");
  await Deno.remove(folder, { recursive: true });
});
