import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  newHome,
  runArgs,
  runToEnd,
  runToEndIn,
  startClient,
  startClientIn,
  startServer,
} from "../helpers/programs.ts";
import { RawClient } from "../helpers/raw_client.ts";

Deno.test("who: the table as rows, the own entry marked", async () => {
  const { process: server, address, port } = await startServer();
  await using _ = server;
  using bob = await RawClient.login(port, "bob", 4001);
  assertEquals(bob.updates, ["A bob"]);
  const { code, stdout } = await runToEnd("client", "--server", address, "--name", "ada", "who");
  assertEquals(code, 0);
  const rows = stdout.trimEnd().split("\n");
  assertEquals(rows[0], "user\t1\tbob\t127.0.0.1:4001\t");
  assertMatch(rows[1] ?? "", /^user\t2\tada\t127\.0\.0\.1:\d+\tyou$/);
  assertEquals(rows.slice(2), ["users\t2"]);
});

Deno.test("send: text from the command line, or stdin a message a line", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using bob = startClient("bob", "--server", address, "--name", "bob");
  await bob.waitFor("logged-in\tbob");
  const base = ["--server", address, "--name", "ada", "send", "bob"];
  const home = newHome();
  const sent = await runToEndIn(home, "client", ...base, "hello", "there", "--", "-x");
  assertEquals([sent.code, sent.stdout], [0, "sent\tbob\thello there -x\n"]);
  await bob.waitFor("message\tada\thello there -x");
  await bob.waitFor("chat-closed\tada\tthem");

  await using ada = startClientIn(home, "ada", ...base);
  for (let i = 0; i < 100; i++) await ada.send(`line ${i}`);
  await ada.closeInput();
  assertEquals(await ada.exitCode(), 0);
  for (let i = 0; i < 100; i++) await bob.waitFor(`message\tada\tline ${i}`);
});

Deno.test("send: to somebody who asks about Calls from people you don't know is read once it is accepted", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using bob = startClient("bob", "--server", address, "--name", "bob");
  await bob.waitFor("logged-in\tbob");
  await bob.send("/strangers ask");
  await bob.waitFor(/^note\tstrangers is ask/);
  const base = ["--classic", "--server", address, "--name", "ada", "send", "bob"];
  const home = newHome();
  for (const text of ["lunch at noon?", "or at one?"]) {
    const { code, stdout } = await runToEndIn(home, "client", ...base, text);
    assertEquals(code, 0, stdout);
  }
  await bob.waitFor(/^note\tada \(127\.0\.0\.1\) has hung up and left 1 line/);
  await bob.send("/accept ada");
  await bob.waitFor("message\tada\tlunch at noon?");
  await bob.waitFor("message\tada\tor at one?");
  await bob.waitFor("chat-closed\tada\tthem");
});

Deno.test("doctor: what it looks at, what is wrong, and an exit code", async () => {
  const { process: server, address, port } = await startServer();
  await using _ = server;
  using bob = await RawClient.login(port, "bob", 9); // where nothing listens
  assertEquals(bob.updates, ["A bob"]);
  const args = ["--server", address, "--name", "ada", "--json", "doctor"];
  const { code, stdout } = await runToEnd("client", ...args);
  const said = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(code, 5);
  assertMatch(said[0].text, /^Server: 127\.0\.0\.1:\d+ answers, and speaks /);
  assertMatch(said[1].text, /^Own listener: port \d+ of every address answers$/);
  const errors = said.filter(({ event }) => event === "error").map(({ text }) => text);
  assertEquals(errors.length, 1);
  assertMatch(errors[0], /^bob can't be dialled from here: /);
  bob.close();
  // At another home is another key, to which ada does not belong.
  const well = await runToEnd("client", "--server", address, "--name", "cy", "doctor");
  assertEquals(well.code, 0, well.stdout);
  assertMatch(well.stdout, /\nnote\tAll is well here/);
});

Deno.test("wait: until somebody is online, or not in time", async () => {
  const { process: server, address, port } = await startServer();
  await using _ = server;
  const base = ["--server", address, "--name", "ada", "wait", "bob"];
  const late = await runToEnd("client", ...base, "--timeout", "0");
  assertEquals([late.code, late.stdout], [5, "error\tbob was not online within 0 s\n"]);
  await using ada = startClient("ada", ...base, "--timeout", "60");
  using watcher = await RawClient.login(port, "watcher");
  await watcher.until(() => watcher.updates.includes("A ada"), "ada to wait");
  using bob = await RawClient.login(port, "bob");
  assertEquals(bob.updates.includes("A bob"), true);
  assertEquals(await ada.exitCode(), 0);
});

Deno.test("exit codes say what went wrong, and one line says what to do", async () => {
  const { process: server, address, port } = await startServer("--max-users", "1");
  await using _ = server;
  const me = ["--name", "ada", "--server"];

  const nobody = await runToEnd("client", ...me, address, "send", "bob", "hi");
  assertEquals([nobody.code, nobody.stdout], [5, "error\tbob is not online\n"]);

  using bob = await RawClient.login(port, "bob");
  assertEquals(bob.updates, ["A bob"]);
  const full = await runToEnd("client", ...me, address, "who");
  assertEquals(full.code, 4);
  assertMatch(
    full.stdout,
    /^error\tThe server at .* did not log ada in: .* try another with --name NAME$/m,
  );

  const unknown = await runToEnd("client", ...me, "no-such-host.invalid", "who");
  assertEquals(unknown.code, 3);
  assertStringIncludes(unknown.stdout, "no-such-host.invalid:4242: no such host name");

  const closed = await runToEnd("client", ...me, "127.0.0.1:1");
  assertEquals(closed.code, 3);
  assertStringIncludes(closed.stdout, "127.0.0.1:1: nothing listens there");

  for (const wrong of [["--prot"], ["frobnicate"], ["send"], ["--name", "a\x07b", "who"]]) {
    const { code, stdout, stderr } = await runToEnd("client", ...wrong);
    assertEquals([code, stdout], [2, ""]);
    assertMatch(stderr, /^mim: .+\n$/);
  }
});

Deno.test("a port that peers can't be listened at is said, with what to do", async () => {
  const { process: server, address, port } = await startServer();
  await using _ = server;
  const listen = ["--listen", `127.0.0.1:${port}`];
  const { code, stdout } = await runToEnd(
    "client",
    "--server",
    address,
    "--name",
    "ada",
    ...listen,
  );
  assertEquals(code, 2);
  assertMatch(stdout, /error\tCannot listen for peers on .*: it is in use; .*--listen\n$/);
});

for (const [signal, expected] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test({
    name: `${signal} closes chats, logs out, and exits with ${expected}`,
    ignore: Deno.build.os === "windows",
    async fn() {
      const { process: server, address } = await startServer();
      await using _ = server;
      await using bob = startClient("bob", "--server", address, "--name", "bob");
      await bob.waitFor("logged-in\tbob");
      await using ada = startClient("ada", "--server", address, "--name", "ada");
      await ada.waitFor(/^logged-in/);
      await ada.send("/talk bob");
      await bob.waitFor(/^chat-opened/);
      ada.kill(signal);
      assertEquals(await ada.exitCode(), expected);
      await bob.waitFor("chat-closed\tada\tthem");
      await bob.waitFor(/^offline\tada/);
    },
  });
}

Deno.test("where nobody ever typed, the end of the input ends nothing; after a line it does", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using bot = startClient("bot", "--server", address, "--name", "bot");
  await bot.closeInput();
  await bot.waitFor("logged-in\tbot");
  await using ada = startClient("ada", "--server", address, "--name", "ada");
  await ada.send("/msg bot last words");
  await ada.closeInput();
  assertEquals(await ada.exitCode(), 0);
  await bot.waitFor("message\tada\tlast words");
});

Deno.test("--help and --version tell, and exit with 0", async () => {
  const help = await runToEnd("client", "--help");
  assertEquals(help.code, 0);
  assertStringIncludes(help.stdout, "--server HOST[:PORT]");
  const lines = help.stdout.trimEnd().split("\n");
  assert(lines.length <= 24 && lines.every((line) => line.length <= 80), "a screen of 24 by 80");
  const version = await runToEnd("client", "--version");
  assertMatch(version.stdout, /^mim \d+\.\d+\.\d+\n$/);
});

Deno.test("a reader of stdout that is gone keeps nothing from being sent", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using bob = startClient("bob", "--server", address, "--name", "bob");
  await bob.waitFor("logged-in\tbob");
  const ada = new Deno.Command(Deno.execPath(), {
    args: [...runArgs("client"), "--server", address, "--name", "ada", "send", "bob"],
    cwd: new URL("../../", import.meta.url),
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  await ada.stdout.cancel();
  const input = ada.stdin.getWriter();
  for (const text of ["one", "two", "three"]) {
    await input.write(new TextEncoder().encode(`${text}\n`));
    await bob.waitFor(`message\tada\t${text}`);
  }
  await input.close();
  assertEquals((await ada.status).code, 0);
});

Deno.test("a reader of stdout that does not read keeps nothing from going on", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using bob = startClient("bob", "--server", address, "--name", "bob");
  await bob.waitFor("logged-in\tbob");
  const ada = new Deno.Command(Deno.execPath(), {
    args: [...runArgs("client"), "--server", address, "--name", "ada"],
    cwd: new URL("../../", import.meta.url),
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const input = ada.stdin.getWriter();
  await bob.waitFor(/^online\tada/);
  await bob.send("/talk ada");
  await bob.waitFor(/^chat-opened/);
  const text = "x".repeat(60_000); // ten of these are more than a pipe holds
  for (let lines = 0; lines < 10; lines++) await bob.send(text);
  for (let lines = 0; lines < 10; lines++) await bob.waitFor(/^sent/);
  await input.write(new TextEncoder().encode("still there\n"));
  await bob.waitFor("message\tada\tstill there");
  ada.kill("SIGTERM");
  assertEquals((await ada.status).code, 143);
  await ada.stdout.cancel();
  await input.close().catch(() => {});
});
