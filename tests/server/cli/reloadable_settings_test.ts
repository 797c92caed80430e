import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { encodeLogin } from "../../../protocol/mod.ts";
import { MimServer } from "../../../server/mod.ts";
import { parseServerOptions } from "../../../server/cli/options.ts";
import { readSettings, type ReloadableSettings } from "../../../server/cli/reloadable_settings.ts";
import { FakeNetwork } from "../../../client/testing/fake_network.ts";
import { RawClient } from "../../helpers/raw_client.ts";
import { Wire } from "../../helpers/peers.ts";
import { UsageError } from "../../../server/platform/cli/flags.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 };

/** A folder with these files, for as long as it is in scope. */
async function folder(files: Record<string, string>): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir();
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${path}/${name}`, text);
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

function settings(...args: string[]): Promise<ReloadableSettings> {
  return readSettings(parseServerOptions(args));
}

Deno.test("without files the welcome names the server, and there are no limits but the usual", async () => {
  const { welcome, ...limits } = await settings("--title", "the lab");
  assertMatch(welcome, /^Welcome to the lab\.\n/);
  assertEquals(limits, { maxUsers: undefined, maxPerAddress: undefined, maxRate: undefined });
  assertMatch((await settings()).welcome, /^Welcome to \S+\.\n/);
});

Deno.test("the welcome file comes before the title", async () => {
  await using data = await folder({ "welcome.txt": "Hello\nyou" });
  const args = ["--title", "the lab", "--welcome", `${data.path}/welcome.txt`];
  assertEquals((await settings(...args)).welcome, "Hello\nyou");
});

Deno.test("welcome.txt in the data folder is the welcome, unless --welcome names another", async () => {
  await using data = await folder({ "welcome.txt": "Hello\nyou", "other.txt": "Hi" });
  const args = ["--title", "the lab", "--data", data.path];
  assertEquals((await settings(...args)).welcome, "Hello\nyou");
  assertEquals((await settings(...args, "--welcome", `${data.path}/other.txt`)).welcome, "Hi");
});

Deno.test("a data folder that is not there yet has no settings; one that is none is an error", async () => {
  await using data = await folder({ "file": "" });
  const { maxUsers } = await settings("--data", `${data.path}/new`);
  assertEquals(maxUsers, undefined);
  const file = `${data.path}/file`;
  const none = await assertRejects(() => settings("--data", file), UsageError);
  assertEquals(none.message, `Option --data must be a folder, got the file ${file}`);
});

Deno.test("files that people have edited: a byte order mark, CRLF, comments, a trailing comma", async () => {
  await using data = await folder({
    "limits.json": '\ufeff// of the lab\r\n{ "maxUsers": 5, /* "maxRate": 8, */\r\n}\r\n',
    "welcome.txt": "\ufeffHello",
  });
  const { welcome, maxUsers, maxRate } = await settings("--data", data.path);
  assertEquals([welcome, maxUsers, maxRate], ["Hello", 5, undefined]);
});

Deno.test("a pipe in place of a file is named; one that --welcome names is read, if it ends", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using data = await folder({});
  const pipe = `${data.path}/limits.json`;
  await new Deno.Command("mkfifo", { args: [pipe] }).output();
  await assertRejects(() => settings("--data", data.path), UsageError, "it is a pipe");
  const written = new Deno.Command("sh", { args: ["-c", `echo Hello > ${pipe}`] }).output();
  assertEquals((await settings("--welcome", pipe)).welcome, "Hello\n");
  await written;
});

Deno.test("limits.json is read where there is one; the command line comes first, also with a 0", async () => {
  await using none = await folder({});
  assertEquals((await settings("--data", none.path)).maxUsers, undefined);
  await using data = await folder({
    "limits.json": '{ "maxUsers": 5, "maxPerAddress": 7, "maxRate": 8 }',
  });
  const limits = async (...args: string[]) => {
    const { maxUsers, maxPerAddress, maxRate } = await settings("--data", data.path, ...args);
    return [maxUsers, maxPerAddress, maxRate];
  };
  assertEquals(await limits(), [5, 7, 8]);
  assertEquals(await limits("--max-users", "9", "--max-rate", "6"), [9, 7, 6]);
  assertEquals(await limits("--max-users", "0", "--max-per-address", "0", "--max-rate", "0"), [
    0,
    0,
    0,
  ]);
  await using some = await folder({ "limits.json": '{ "maxPerAddress": 0 }' });
  assertEquals((await settings("--data", some.path)).maxPerAddress, 0);
});

const BROKEN: readonly (readonly [string, RegExp])[] = [
  ["{", /^Cannot read .*limits\.json: /],
  ["", /^Cannot read .*limits\.json: /],
  ["[]", /^Expected an object of limits in .*limits\.json, got \[\]$/],
  ["null", /^Expected an object of limits in .*, got null$/],
  ["12", /^Expected an object of limits in .*, got 12$/],
  [
    '{ "maxUser": 5 }',
    /^Unknown limit maxUser in .*; the limits are maxUsers, maxPerAddress, maxRate$/,
  ],
  ['{ "maxUsers": -1 }', /^Limit maxUsers in .* must be a number from 0 to 1000000000, got -1$/],
  ['{ "maxUsers": 1.5 }', /a number from 0 to 1000000000, got 1\.5$/],
  ['{ "maxUsers": "5" }', /^Limit maxUsers in .* must be a number from 0 to 1000000000, got "5"$/],
  ['{ "maxRate": 1000000001 }', /^Limit maxRate in .* to 1000000000, got 1000000001$/],
  ['{ "maxPerAddress": null }', /^Limit maxPerAddress in .*, got null$/],
];

for (const [text, message] of BROKEN) {
  Deno.test(`a limits.json of ${JSON.stringify(text)} is an error that says what is expected`, async () => {
    await using data = await folder({ "limits.json": text });
    const error = await assertRejects(() => settings("--data", data.path), UsageError);
    assertMatch(error.message, message);
  });
}

Deno.test("a welcome that is not there, or is a folder, is an error that names it", async () => {
  await using data = await folder({});
  const gone = `${data.path}/welcome.txt`;
  const missing = await assertRejects(() => settings("--welcome", gone), UsageError);
  assertEquals(
    missing.message,
    `No welcome file ${gone}; write one, or leave --welcome out`,
  );
  const unreadable = await assertRejects(() => settings("--welcome", data.path), UsageError);
  assertEquals(unreadable.message, `Cannot read ${data.path}: it is a folder, not a file`);
});

Deno.test("a change is for newcomers: who is online stays", async () => {
  await using server = MimServer.listen({ ...LOCAL, welcome: "old" });
  using ada = await RawClient.login(server.port, "ada");
  using bob = await RawClient.login(server.port, "bob");
  using waiting = await RawClient.connect(server.port);
  await waiting.until(() => waiting.welcome.length > 0, "the welcome");
  server.change({ welcome: "new", maxUsers: 1 });
  await waiting.send(encodeLogin({ name: "carol", port: 1 }));
  await waiting.ended;
  assertEquals(waiting.welcome, ["old"]);
  assertEquals([...server.stats.rejections], [["server-full", 1]]);
  assertEquals([server.userCount, ada.updates, bob.updates.length], [2, ["A ada", "A bob"], 2]);

  server.change({ welcome: "newer" });
  using carol = await RawClient.login(server.port, "carol");
  assertEquals(carol.welcome, ["newer"], "and what is left out goes back to its default");
});

Deno.test("the rate of new connections is an option, and changes while the server runs", async () => {
  const internet = new FakeNetwork();
  const options = { port: 0, network: internet.host("192.0.2.1"), maxRate: 2 };
  await using server = MimServer.listen(options);
  const at = { hostname: "192.0.2.1", port: server.port };
  const greeted = async (many: number) => {
    const wires = Array.from({ length: many }, async () => {
      await using wire = await Wire.dial(internet.host("192.0.2.7"), at.hostname, at.port);
      return await wire.line().then(() => 1, () => 0);
    });
    return (await Promise.all(wires)).reduce<number>((sum, one) => sum + one, 0);
  };
  assertEquals(await greeted(3), 2);
  server.change({ maxRate: 0 });
  assertEquals(await greeted(1_300), 1_300, "0 lifts it");
  server.change({});
  assertEquals(await greeted(1), 0, "and what is left out goes back to the default");
  assertEquals([...server.stats.rejections], [["too-fast", 2]]);
});

Deno.test("a welcome that is too long changes nothing", async () => {
  await using server = MimServer.listen({ ...LOCAL, welcome: "old", maxUsers: 1 });
  for (const welcome of ["x".repeat(8_193), "x\n".repeat(65)]) {
    assertThrows(() => server.change({ welcome, maxUsers: 5, maxPerAddress: 1 }), RangeError);
  }
  using ada = await RawClient.login(server.port, "ada");
  assertEquals(ada.welcome, ["old"]);
  using bob = await RawClient.connect(server.port);
  await bob.send(encodeLogin({ name: "bob", port: 1 }));
  await bob.ended;
  assertEquals([...server.stats.rejections], [["server-full", 1]]);
});
