import { assertEquals, assertRejects } from "@std/assert";
import { controlCommand } from "../../../server/cli/control_commands.ts";
import { readAccess, setBan } from "../../../server/cli/access_file.ts";
import { UsageError } from "../../../server/platform/cli/flags.ts";
import { TempFolder } from "../../helpers/disk.ts";

const KEY = "ab".repeat(32);

Deno.test("access.json: comments and commas; without the file everybody may log in", async () => {
  using folder = new TempFolder();
  const path = `${folder.path}/access.json`;
  assertEquals(await readAccess(path), {});
  await Deno.writeTextFile(
    path,
    `\ufeff{ // the lab\r\n  "allow": { "networks": ["10.0.0.0/8",], },\r\n` +
      `  "ban": { "names": ["eve"], "keys": ["${KEY}"] }, "admins": [] }`,
  );
  assertEquals(await readAccess(path), {
    allow: { networks: ["10.0.0.0/8"] },
    ban: { names: ["eve"], keys: [KEY] },
    admins: [],
  });
});

Deno.test("access.json: each mistake is told with its line and what is expected", async () => {
  using folder = new TempFolder();
  const path = `${folder.path}/access.json`;
  for (
    const [text, message] of [
      ["", "Line 1 of PATH: expected JSON; look for a missing comma, quote or brace"],
      ["// nothing", "Line 1 of PATH: expected JSON; look for a missing comma, quote or brace"],
      ["[]", "Line 1 of PATH: expected an object { … } with allow, ban and admins"],
      ["{\n/*\n*/ x }", "Line 3 of PATH: expected JSON; look for a missing comma, quote or brace"],
      ['{"ban": {}} {}', "Line 1 of PATH: expected JSON; look for a missing comma, quote or brace"],
      ['{\n"bans": {} }', "Line 2 of PATH: unknown key bans; the keys are allow, ban and admins"],
      [
        '{\n"toString": {} }',
        "Line 2 of PATH: unknown key toString; the keys are allow, ban and admins",
      ],
      ['{"ban": {},\n"ban": {} }', "Line 2 of PATH: ban is there twice"],
      ['{"ban":\n"eve"}', "Line 2 of PATH: expected an object { … } with keys, names and networks"],
      ['{"ban":\n[]}', "Line 2 of PATH: expected an object { … } with keys, names and networks"],
      ['{"ban": {\n"names": "eve"}}', "Line 2 of PATH: expected a list [ … ] of names"],
      [
        '{"ban": {"user\u001b[1m": []}}',
        "Line 1 of PATH: expected JSON; look for a missing comma, quote or brace",
      ],
      [
        '{"ban": {"people": []}}',
        "Line 1 of PATH: unknown list people; the lists are keys, names and networks",
      ],
      [
        '{"ban": {"keys": [\n\n"ab"]}}',
        'Line 3 of PATH: expected a public key of 64 hex digits, got "ab"',
      ],
      ['{"ban": {"names": [7]}}', "Line 1 of PATH: expected a name of 1 to 64 characters, got 7"],
      [
        '{"ban": {"networks": ["10.0.0.0/40"]}}',
        'Line 1 of PATH: expected an IP address or a network such as "192.0.2.0/24", got "10.0.0.0/40"',
      ],
      [
        '{"admins": ["ada"]}',
        'Line 1 of PATH: expected a public key of 64 hex digits, got "ada"',
      ],
      [
        '{"allow": {"keys": []}}',
        "Line 1 of PATH: allow names nobody; name somebody, or leave it out to let everybody in",
      ],
    ]
  ) {
    await Deno.writeTextFile(path, text ?? "");
    const error = await assertRejects(() => readAccess(path), UsageError);
    assertEquals(error.message.replace(path, "PATH"), message);
  }
});

Deno.test("access.json: a ban is written beside what stands there, for its owner alone", async () => {
  using folder = new TempFolder();
  const path = `${folder.path}/access.json`;
  assertEquals(await setBan(path, "eve", true), { ban: { names: ["eve"] } });
  if (Deno.build.os !== "windows") {
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  }
  assertEquals(await setBan(path, "EVE", true), undefined);
  await Deno.writeTextFile(path, `{\n  // a spammer\n  "ban": { "names": ["Eve"] },\n}\n`);
  await setBan(path, "10.0.0.0/8", true);
  await setBan(path, KEY.toUpperCase(), true);
  assertEquals(await setBan(path, "еve", false), {
    ban: { names: [], networks: ["10.0.0.0/8"], keys: [KEY.toUpperCase()] },
  });
  assertEquals(await setBan(path, KEY, false), {
    ban: { names: [], networks: ["10.0.0.0/8"], keys: [] },
  });
  assertEquals(await setBan(path, "bob", false), undefined);
  assertEquals((await Deno.readTextFile(path)).includes("// a spammer"), true);
  await Deno.writeTextFile(path, "{");
  await assertRejects(() => setBan(path, "bob", true), UsageError, "Line 1");
  assertEquals(await Deno.readTextFile(path), "{");
});

Deno.test("ban: what looks like an address and is none is no name", async () => {
  using folder = new TempFolder();
  const run = (command: string, who: string) =>
    controlCommand([command, who, "--data", folder.path]);
  for (const who of ["127.1", "10.0.1", "1.2.3.4.5", "300.1.1.1", "10.0.0.0/33"]) {
    await assertRejects(() => run("ban", who), UsageError, "xpected an IP address or a network");
  }
  for (const who of ["r2.d2", "1st.mate", "42"]) await run("ban", who);
  // One that is in the file already can be taken out.
  await Deno.writeTextFile(`${folder.path}/access.json`, '{ "ban": { "names": ["127.1"] } }');
  await run("unban", "127.1");
});

Deno.test("ban: without a server that answers, it is said where and from when on it counts", async () => {
  using folder = new TempFolder();
  const { path } = folder;
  const ban = async (who: string) =>
    (await controlCommand(["ban", who, "--data", path])).join("\n");
  const here = `No server answers in ${path}`;
  const later = `${here}: it counts from its next start, or SIGHUP`;
  assertEquals(await ban("a"), `banned the name a. ${later}`);
  await Deno.writeTextFile(`${path}/server.json`, '{ "cluster": "nats://192.0.2.1" }');
  const cluster = ", at this server of the cluster only";
  assertEquals(await ban("b"), `banned the name b${cluster}. ${later}`);
  await Deno.writeTextFile(`${path}/server.json`, "{}");
  await Deno.writeTextFile(`${path}/clusters.txt`, "mim_x_claims\n");
  assertEquals(await ban("c"), `banned the name c${cluster}. ${later}`);
  await Deno.remove(`${path}/clusters.txt`);
  const lease = (state: string) =>
    Deno.writeTextFile(`${path}/lease`, JSON.stringify({ state, name: "alpha\x1b[2J", id: "1" }));
  await lease("free");
  assertEquals(await ban("d"), `banned the name d. ${later}`);
  await lease("held");
  assertEquals(
    await ban("e"),
    `banned the name e. ${here} on this machine: it counts once alpha\u241b[2J, ` +
      "which has had the lease last, gets SIGHUP, or another server takes over",
  );
});
