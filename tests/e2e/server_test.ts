import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TestProcess } from "../helpers/process.ts";
import { environmentOf, newHome, runArgs, runToEnd, startServer } from "../helpers/programs.ts";
import { TestTerminal } from "../helpers/terminal.ts";
import { RawClient } from "../helpers/raw_client.ts";
import { TempFolder } from "../helpers/disk.ts";

Deno.test("the server's first line names the real port, its second how others join", async () => {
  const { process, port, address } = await startServer();
  await using _ = process;
  assertMatch(address, /^127\.0\.0\.1:[1-9]\d*$/);
  const [command, comment] = (await process.waitFor(/^others join/)).split("  ");
  const [start, link] = command?.split(" --server ") ?? [];
  assertEquals(start, `others join with: npx -y deno@${Deno.version.deno} task client`);
  assertMatch(link ?? "", new RegExp(`^mim://127\\.0\\.0\\.1:${port}#[\\w-]{43}$`));
  assertEquals(comment, "# on this machine only");
  assertStringIncludes(await process.waitForError(/the link to join with/), link ?? "no link");
  using ada = await RawClient.login(port, "ada");
  assertMatch(ada.welcome[0] ?? "", /^Welcome to /);
});

Deno.test({
  name: "on a terminal nothing is written into the QR code of the link",
  ignore: Deno.build.os === "windows",
  async fn() {
    const local = ["--hostname", "127.0.0.1", "--port", "0", "--log", "trace"];
    await using terminal = new TestTerminal(
      [...runArgs("server", newHome()), ...local],
      200,
      60,
      Deno.execPath(),
      { NO_COLOR: "1" },
    );
    await terminal.shows(/the link to join with/);
    const lines = terminal.lines;
    const first = lines.findIndex((line) => line.startsWith("listening on "));
    assertMatch(lines[first + 1] ?? "", /^others join with/);
    const behind = lines.slice(first + 2);
    const end = behind.findIndex((line) => !/^[ ▀▄█]*$/.test(line));
    assert(end > 15, lines.join("\n"));
    for (const line of behind.slice(end)) assertMatch(line, /^\d{4}-.* (info|debug|trace) /);
  },
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name: `${signal} ends the server in good order: connections closed, exit code 0`,
    ignore: Deno.build.os === "windows",
    async fn() {
      const { process, port } = await startServer();
      await using _ = process;
      using ada = await RawClient.login(port, "ada");
      process.kill(signal);
      assertEquals(await process.exitCode(), 0);
      await ada.ended;
    },
  });
}

Deno.test("title and welcome file are what clients are shown", async () => {
  const { process, port } = await startServer("--title", "the lab");
  await using _ = process;
  using ada = await RawClient.login(port, "ada");
  assertEquals(ada.welcome[0], "Welcome to the lab.");

  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, "House rules:\n\n1. be kind\n");
  const other = await startServer("--welcome", file);
  await using __ = other.process;
  using bob = await RawClient.login(other.port, "bob");
  assertEquals(bob.welcome.slice(0, -1), ["House rules:", " ", "1. be kind"]);
  assertMatch(
    bob.welcome.at(-1) ?? "",
    /^MIM\/2 [\w-]{43} [\w-]{43} [\w-]{86} version=\d+\.\d+\.\d+$/,
  );
  await Deno.remove(file);
});

Deno.test("what the server cannot do is one line and an exit code", async () => {
  const { process, port } = await startServer();
  await using _ = process;
  const inUse = await runToEnd("server", "--hostname", "127.0.0.1", "--port", String(port));
  assertEquals(inUse.code, 3);
  assertMatch(
    inUse.stderr,
    /^mim-server: Cannot listen on 127\.0\.0\.1:\d+: it is in use.*--port\n$/,
  );

  const homeless = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "server/main.ts", "--port", "0", "--keys-only"],
    clearEnv: true,
    env: {
      NO_COLOR: "1",
      DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
    },
  }).output();
  assertEquals(homeless.code, 2);
  assertMatch(
    new TextDecoder().decode(homeless.stderr),
    /mim-server: --keys-only needs a data folder: .*; name one with --data DIR\n$/,
  );

  const elsewhere = await runToEnd("server", "--hostname", "192.0.2.77", "--port", "0");
  assertEquals(elsewhere.code, 3);
  assertStringIncludes(elsewhere.stderr, "this machine has no such address");

  const option = await runToEnd("server", "--prot", "1");
  assertEquals(option.code, 2);
  assertStringIncludes(option.stderr, "Unknown option --prot");

  const welcome = await runToEnd("server", "--port", "0", "--welcome", "no/such/file");
  assertEquals(welcome.code, 2);
  assertStringIncludes(welcome.stderr, "No welcome file no/such/file");
  for (const { stdout, stderr } of [inUse, elsewhere, option, welcome]) {
    assertEquals(stdout, "");
    assertEquals(stderr.trim().split("\n").length, 1, stderr);
  }
});

const WRONG: readonly (readonly [line: string, code: number, message: string])[] = [
  [
    "--hostname no.such.name.invalid --port 0",
    3,
    "Cannot listen on no.such.name.invalid:0: there is no such address or host name; " +
    "give --hostname an address of this machine, or leave it out",
  ],
  [
    "--port 0 --metrics no.such.name.invalid:9090",
    3,
    "Cannot listen on no.such.name.invalid:9090: there is no such address or host name; " +
    "give --metrics an address of this machine, or leave it out",
  ],
  ["--port -1", 2, 'Option --port must be a number from 0 to 65535, got "-1"'],
  ["--port x", 2, 'Option --port must be a number from 0 to 65535, got "x"'],
  ["--metrics :x", 2, 'Option --metrics must be ADDR:PORT with a port from 0 to 65535, got ":x"'],
  ["--welcome server", 2, "Cannot read server: it is a folder, not a file"],
  [
    "--data README.md",
    2,
    "Option --data must be a folder, got the file README.md",
  ],
];

for (const [line, code, message] of WRONG) {
  Deno.test(`server ${line}: one line says what is wrong, exit code ${code}`, async () => {
    const result = await runToEnd("server", ...line.split(" "));
    assertEquals(result, { code, stdout: "", stderr: `mim-server: ${message}\n` });
  });
}

Deno.test("the key stays from start to start; with a folder that can't be used there is no start", async () => {
  using folder = new TempFolder();
  const { env, args } = { env: environmentOf(folder.path), args: ["--hostname", "127.0.0.1"] };
  const announced = async (...more: string[]) => {
    await using process = TestProcess.deno("server/main.ts", [...args, "--port", "0", ...more], {
      env: { ...env, XDG_STATE_HOME: `${folder.path}/state` },
    });
    const port = Number((await process.waitFor(/^listening on /)).split(":").at(-1));
    const started = await process.waitForError(/started, version/);
    using ada = await RawClient.login(port, "ada");
    return { started, key: ada.welcome.at(-1)?.split(" ")[1], process };
  };
  const [first, second] = [await announced(), await announced()];
  assertMatch(first.started, /MIM\/2, key [0-9a-f]{64}$/);
  assertEquals(first.key?.length, 43);
  assertEquals(second.key, first.key);
  if (Deno.build.os === "windows") return;
  const data = `${folder.path}/state/mim/server`;
  assertEquals((Deno.statSync(data).mode ?? 0) & 0o777, 0o700);
  for (const { name } of Deno.readDirSync(data)) {
    assertEquals((Deno.statSync(`${data}/${name}`).mode ?? 0) & 0o777, 0o600, name);
  }
  const elsewhere = `${folder.path}/elsewhere`;
  const { code, stdout, stderr } = await runToEnd("server", "--port", "0", "--data", elsewhere);
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(stderr, "mim-server: cannot use the data folder");
  assertStringIncludes(stderr, `allow it with --allow-read="${elsewhere}" --allow-write=`);
});

Deno.test("--help and --version tell, and exit with 0", async () => {
  const help = await runToEnd("server", "--help");
  assertEquals(help.code, 0);
  assertStringIncludes(help.stdout, "--max-per-address");
  const version = await runToEnd("server", "--version");
  assertMatch(version.stdout, /^mim-server \d+\.\d+\.\d+\n$/);
});

Deno.test("refusals are logged, as text or as JSON", async () => {
  for (const format of ["text", "json"]) {
    const { process, port } = await startServer("--log-format", format);
    await using _ = process;
    using mallory = await RawClient.connect(port);
    await mallory.send(new Uint8Array([0xff, 0xff]));
    await mallory.ended;
    const line = await process.waitForError(/unknown-opening/);
    if (format === "text") {
      assertMatch(
        line,
        /^\d{4}-\d\d-\d\dT[\d:.]+Z info server: closed 127\.0\.0\.1:\d+: unknown-opening/,
      );
    } else {
      const { level, category, address, port: from } = JSON.parse(line);
      assertEquals([level, category, address], ["info", "mim.server", "127.0.0.1"]);
      assertEquals(from, mallory.connection.localAddr.port);
    }
  }
});
