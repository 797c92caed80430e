/** `users`, `kick`, `ban` and `unban`: an operator's commands for a running server. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { identityOf, refusalCodes } from "../../protocol/mod.ts";
import { newKey } from "../fixtures/keys.ts";
import { TempFolder } from "../helpers/disk.ts";
import { Mim2Client } from "../helpers/mim2_client.ts";
import { runToEnd } from "../helpers/programs.ts";
import { TestProcess } from "../helpers/process.ts";
import { poll } from "../helpers/wait.ts";

const ignore = Deno.build.os === "windows"; // it has no such sockets

async function start(folder: TempFolder) {
  const args = ["--hostname=127.0.0.1", "--port=0", "--data", folder.path];
  const process = TestProcess.deno("server/main.ts", args);
  const line = await process.waitFor(/^listening on /);
  return { process, port: Number(line.split(":").at(-1)) };
}

async function run(folder: TempFolder, ...args: string[]) {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "server/main.ts", ...args, "--data", folder.path],
    env: { NO_COLOR: "1" },
  });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test({ name: "users, kick, ban and unban at a running server", ignore }, async () => {
  using folder = new TempFolder();
  const { process, port } = await start(folder);
  await using _ = process;
  const socket = Deno.lstatSync(`${folder.path}/control.sock`);
  assert(socket.isSocket);
  assertEquals((socket.mode ?? 0) & 0o777, 0o600);
  const key = newKey();
  using ada = await Mim2Client.login(port, "ada", { key });
  using eve = await Mim2Client.login(port, "Eve");
  const users = await run(folder, "users");
  assertEquals(users.code, 0, users.err);
  assertMatch(
    users.out,
    new RegExp(`^ada\\t127\\.0\\.0\\.1:0\\t${identityOf(key).toHex()}\\nEve\\t`),
  );

  assertEquals(await run(folder, "kick", "EVE"), {
    code: 0,
    out: "kicked EVE, disconnected 1",
    err: "",
  });
  await eve.ended;
  assertEquals(eve.refusal?.code, refusalCodes.kicked);
  await process.waitForError(/info server: the operator kicked EVE, disconnected 1$/);
  const nobody = await run(folder, "kick", "eve\u001b[31m");
  assertEquals(nobody.code, 2);
  assertMatch(nobody.err, /^mim-server: Nobody online is eve.*; see users$/);
  assert(!nobody.err.includes("\u001b"));

  const hex = identityOf(key).toHex();
  const ban = await run(folder, "ban", hex);
  assertEquals(ban.out, `banned the key ${hex}, disconnected 1`);
  await ada.ended;
  assertEquals(ada.refusal?.code, refusalCodes.banned);
  await process.waitForError(/info server: the operator banned the key/);
  assertEquals((await Mim2Client.refused(port, "bob", { key }))?.code, refusalCodes.banned);
  assertMatch((await run(folder, "ban", hex.toUpperCase())).err, /Already banned: the key/);
  assertEquals((await run(folder, "unban", hex)).out, `unbanned the key ${hex}, disconnected 0`);
  using again = await Mim2Client.login(port, "ada", { key });
  assertEquals(again.updates.at(-1), "A ada");
  assertEquals((await run(folder, "ban", "ADA")).out.split("\n"), [
    "banned the name ADA, disconnected 1",
    `the key ${hex} owns that name: ban it, too, to keep its user out under any name`,
  ]);
  await again.ended;
  assertEquals((await run(folder, "unban", "Ada")).out, "unbanned the name Ada, disconnected 0");
  assertMatch((await run(folder, "unban", "dave")).err, /Not banned: the name dave; see \S+json$/);

  await Deno.writeTextFile(`${folder.path}/access.json`, '{ "ban": [] }');
  const broken = await run(folder, "ban", "dave");
  assertEquals(broken.code, 2);
  assertMatch(broken.err, /Line 1 of \S+access\.json: expected an object/);
  for (const wrong of [["kick"], ["ban"], ["users", "ada"], ["kick", "a", "b"], ["unban", ""]]) {
    assertEquals((await run(folder, ...wrong)).code, 2, wrong.join(" "));
  }
});

Deno.test(
  { name: "an admin bans from a client: access.json has it, the log who did it", ignore },
  async () => {
    using folder = new TempFolder();
    const key = newKey();
    const access = `${folder.path}/access.json`;
    await Deno.writeTextFile(access, `{ // ours\n"admins": ["${identityOf(key).toHex()}"] }`);
    const { process, port } = await start(folder);
    await using _ = process;
    using ada = await Mim2Client.login(port, "ada", { key });
    using eve = await Mim2Client.login(port, "eve");
    const subject = { type: "key", key: identityOf(eve.key) } as const;
    await ada.say({ type: "order", token: 1, action: "ban", subject });
    await eve.ended;
    assertEquals(eve.refusal?.code, refusalCodes.banned);
    await ada.until(() => ada.all("outcome")[0]?.outcome === "done", "the outcome");
    const hex = identityOf(eve.key).toHex();
    await process.waitForError(
      new RegExp(`ada at 127\\.0\\.0\\.1 \\(${identityOf(key).toHex()}\\) banned the key ${hex}`),
    );
    const text = await Deno.readTextFile(access);
    assert(text.startsWith("{ // ours") && text.includes(hex), text);
  },
);

Deno.test({ name: "the socket: rubbish, silence and a flood harm nobody", ignore }, async () => {
  using folder = new TempFolder();
  const { process } = await start(folder);
  await using _ = process;
  const path = `${folder.path}/control.sock`;
  const connect = () => Deno.connect({ transport: "unix", path });
  const answerTo = async (bytes: Uint8Array) => {
    const connection = await connect();
    // It may close before it has read all.
    await connection.write(bytes).then(() => connection.closeWrite()).catch(() => {});
    return await new Response(connection.readable).text().catch(() => "");
  };
  const encode = (text: string) => new TextEncoder().encode(text);
  for (const rubbish of ["", "{", "null", "\0\0", "[[]]", '{"ok":true}', "[".repeat(4_000)]) {
    assert(!(await answerTo(encode(rubbish))).includes('"ok":true'), rubbish);
  }
  assertEquals(await answerTo(crypto.getRandomValues(new Uint8Array(60_000))), "");
  assertMatch(await answerTo(encode('["halt"]')), /"ok":false.*does not know this command/);
  assertMatch(await answerTo(encode('["ban"]')), /"ok":false/);
  {
    using silent = new DisposableStack();
    for (let count = 0; count < 20; count++) silent.adopt(await connect(), (one) => one.close());
    // There are no more than eight at once; the others are closed at once.
  }
  await poll(async () => (await run(folder, "users")).code === 0, "an answer once they have gone");
});

Deno.test(
  { name: "a server that is killed leaves a socket that the next one replaces", ignore },
  async () => {
    using folder = new TempFolder();
    const first = await start(folder);
    {
      await using _ = first.process;
      first.process.kill("SIGKILL");
      await first.process.exitCode();
    }
    assertMatch(
      (await run(folder, "users")).err,
      /^mim-server: No server answers in \S+; start it/,
    );
    const offline = await run(folder, "ban", "eve");
    const mistyped = await run(folder, "ban", "10.0.0.0/33");
    assertEquals(mistyped.code, 2);
    assertMatch(mistyped.err, /Expected an IP address or a network .*, got "10\.0\.0\.0\/33"/);
    assertMatch(offline.out, /^banned the name eve\. No server answers .* from its next start/);
    const second = await start(folder);
    await using _ = second.process;
    assertEquals((await Mim2Client.refused(second.port, "eve"))?.code, refusalCodes.banned);
    assertEquals((await run(folder, "users")).code, 0);
    // Another server with the folder does not take the socket away.
    const third = await start(folder);
    {
      await using _ = third.process;
      await third.process.waitForError(
        /no commands for the running server: another server answers/,
      );
      third.process.kill("SIGTERM");
      assertEquals(await third.process.exitCode(), 0);
    }
    assertEquals((await run(folder, "users")).code, 0);
    second.process.kill("SIGTERM");
    assertEquals(await second.process.exitCode(), 0);
    assertEquals(
      [...Deno.readDirSync(folder.path)].filter(({ name }) => /sock|^\./.test(name)),
      [],
    );
  },
);

Deno.test({ name: "a client that is kicked does not come back by itself", ignore }, async () => {
  using folder = new TempFolder();
  const { process, port } = await start(folder);
  await using _ = process;
  const args = ["--server", `127.0.0.1:${port}`, "--listen", "127.0.0.1", "--name", "ada"];
  const data = ["--data", `${folder.path}/client`];
  await using ada = TestProcess.deno("client/main.ts", [...args, ...data, "--plain"], {
    name: "ada",
  });
  await ada.waitFor(/^logged-in\tada$/);
  assertEquals((await run(folder, "kick", "ada")).out, "kicked ada, disconnected 1");
  assertMatch(await ada.waitFor(/^disconnected\t/), /the operator ended your session/);
  assertEquals((await run(folder, "users")).out, "");
  const who = await runToEnd("client", ...args.slice(0, 4), "--name", "bob", "who");
  assertMatch(who.stdout, /users\t1\n$/);
});
