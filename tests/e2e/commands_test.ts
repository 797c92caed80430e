import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { History } from "../../client/storage/history/mod.ts";
import {
  dataFolderIn,
  newHome,
  runArgs,
  runToEnd,
  runToEndIn,
  startClient,
  startClientIn,
  startServer,
  startServerIn,
} from "../helpers/programs.ts";
import { TestProcess } from "../helpers/process.ts";
import { RawClient } from "../helpers/raw_client.ts";

Deno.test("who: the table as rows, the own entry marked", async () => {
  const { process: server, address, port } = await startServer();
  await using _ = server;
  using bob = await RawClient.login(port, "bob", 4001);
  assertEquals(bob.updates, ["A bob"]);
  const { code, stdout } = await runToEnd("client", "--server", address, "--name", "ada", "who");
  assertEquals(code, 0);
  const rows = stdout.trimEnd().split("\n");
  assertEquals(rows[0], "user\t1\tbob\t127.0.0.1:4001\tclassic");
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
  assertEquals([sent.code, sent.stdout], [
    0,
    "sent\tbob\thello there -x\ndelivered\tbob\thello there -x\n",
  ]);
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
  await bob.waitFor(
    /^incoming-call\tada\t127\.0\.0\.1:\d+\t\tclassic\tada \(127\.0\.0\.1\) has hung up and left 1 line/,
  );
  await bob.send("/accept ada");
  await bob.waitFor("message\tada\tlunch at noon?");
  await bob.waitFor("message\tada\tor at one?");
  await bob.waitFor("chat-closed\tada\tthem");
});

/** Runs a client to its end that reads this from stdin. */
async function withInput(input: string, ...args: string[]) {
  const client = startClient("client", ...args);
  await using _ = client;
  if (input !== "") await client.send(input);
  await client.closeInput();
  return { code: await client.exitCode(), lines: client.unread, client };
}

Deno.test("send: nothing on stdin is wrong usage, and calls nobody", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using bob = startClient("bob", "--server", address, "--name", "bob");
  await bob.waitFor("logged-in\tbob");
  for (const input of ["", "  \n\n"]) {
    const { code, lines } = await withInput(
      input,
      "--server",
      address,
      "--name",
      "ada",
      "send",
      "bob",
    );
    assertEquals([code, lines], [2, []]);
  }
  assertEquals(bob.unread.filter((line) => line.startsWith("chat-opened")), []);
});

Deno.test("send: to several; each gets it, and what goes wrong for one is said", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using bob = startClient("bob", "--server", address, "--name", "bob");
  await using carol = startClient("carol", "--server", address, "--name", "carol");
  await bob.waitFor("logged-in\tbob");
  await carol.waitFor("logged-in\tcarol");
  const home = newHome();
  const me = ["--server", address, "--name", "ada", "send"];
  const both = await runToEndIn(home, "client", ...me, "bob,carol", "lunch");
  assertEquals([both.code, both.stderr], [0, ""]);
  for (const line of ["sent\tbob\tlunch", "delivered\tcarol\tlunch"]) {
    assertStringIncludes(both.stdout, `${line}\n`);
  }
  for (const user of [bob, carol]) await user.waitFor("message\tada\tlunch");
  const some = await runToEndIn(home, "client", ...me, "nobody,bob,noone", "tea");
  await bob.waitFor("message\tada\ttea");
  assertEquals(some.code, 5);
  assertStringIncludes(some.stdout, "delivered\tbob\ttea\n");
  for (const name of ["nobody", "noone"]) {
    assertStringIncludes(some.stdout, `error\t${name} is not online\n`);
    assertStringIncludes(some.stderr, `mim: ${name} is not online\n`);
  }
});

Deno.test("send: waits for who is to come, and leaves for who is known", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  const [home, bobHome] = [newHome(), newHome()];
  const me = ["--server", address, "--name", "ada", "send", "bob"];
  const unknown = await runToEndIn(home, "client", ...me, "--queue", "hi");
  assertEquals(unknown.code, 5);
  assertMatch(unknown.stderr, /^mim: bob is not online, and no key of that name is known/);
  const late = await runToEndIn(home, "client", ...me, "--wait", "0", "hi");
  assertEquals([late.code, late.stderr], [5, "mim: bob was not online within 0 s\n"]);
  {
    await using ada = startClientIn(home, "ada", ...me, "--wait", "60", "hello");
    await using bob = startClientIn(bobHome, "bob", "--server", address, "--name", "bob");
    await bob.waitFor("message\tada\thello");
    assertEquals(await ada.exitCode(), 0);
  }
  const queued = await runToEndIn(home, "client", ...me, "--queue", "for later");
  assertEquals([queued.code, queued.stdout], [0, "queued\tbob\tfor later\n"]);
  await using bob = startClientIn(bobHome, "bob", "--server", address, "--name", "bob");
  await bob.waitFor("logged-in\tbob");
  await using ada = startClientIn(home, "ada", "--server", address, "--name", "ada");
  await bob.waitFor("message\tada\tfor later");
  await ada.waitFor("delivered\tbob\tfor later");
});

Deno.test("send: who closes the chat unread is not waited for", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using bob = startClient("bob", "--server", address, "--name", "bob");
  await bob.waitFor("logged-in\tbob");
  await bob.send("/strangers refuse");
  await bob.waitFor(/^note\tstrangers is refuse/);
  const start = performance.now();
  const args = ["--server", address, "--name", "ada", "send", "bob", "hi"];
  const { code, stderr } = await runToEnd("client", ...args, "--timeout", "300");
  assertEquals([code, stderr], [6, "mim: bob closed the chat before a message was delivered\n"]);
  assert(performance.now() - start < 60_000);
});

Deno.test("send: a peer who knows another key for the own name is named once, alone and among several", async () => {
  const home = newHome();
  const { process: server, address } = await startServerIn(home);
  await using _ = server;
  const [bobHome, at] = [newHome(), ["--server", address, "--name"]];
  await using bob = startClientIn(bobHome, "bob", ...at, "bob");
  await bob.waitFor("logged-in\tbob");
  await using eve = startClient("eve", ...at, "eve");
  await eve.waitFor("logged-in\teve");
  {
    await using ada = startClient("ada", ...at, "ada");
    await ada.waitFor("logged-in\tada");
    await bob.waitFor(/^online\tada/);
    await bob.send("/msg ada hello");
    await ada.waitFor("message\tbob\thello");
    await bob.waitFor(/^delivered\t/);
    await ada.send("/quit");
    assertEquals(await ada.exitCode(), 0);
  }
  const names = ["names", "free", "ada", "--now", "--data", `${home}/.local/state/mim/server`];
  await using free = TestProcess.deno("server/main.ts", names);
  assertEquals(await free.exitCode(), 0);
  const newKey = newHome();
  for (const to of ["bob", "bob,eve"]) {
    for (const format of [["--plain"], ["--json"]]) {
      const args = [...format, ...at, "ada", "send", to, "hello"];
      const { code, stdout, stderr } = await runToEndIn(newKey, "client", ...args);
      assertEquals(code, 5);
      const said = (text: string) =>
        text.match(/bob refused the call: ada goes with another key/g)?.length;
      assertEquals([said(stdout), said(stderr)], [1, 1], stdout + stderr);
    }
  }
});

Deno.test("ask: prints the answer alone, past what waited there; errors go to stderr", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using bot = startClient("bot", "--server", address, "--name", "bot");
  await bot.waitFor("logged-in\tbot");
  const home = newHome();
  const me = ["--server", address, "--name", "ada"];
  {
    await using ada = startClientIn(home, "ada", ...me);
    await ada.waitFor("logged-in\tada");
    await bot.waitFor(/^online\tada/);
    await bot.send("/msg ada hi"); // from now on it knows ada
    await ada.waitFor("message\tbot\thi");
    await bot.waitFor("delivered\tada\thi");
  }
  await bot.waitFor(/^offline\tada/);
  await bot.send("/msg ada yes");
  await bot.waitFor("queued\tada\tyes");
  const asking = runToEndIn(home, "client", ...me, "ask", "bot", "what", "time?");
  await bot.waitFor("message\tada\twhat time?");
  await bot.send("/msg ada noon\u001b[2J");
  assertEquals(await asking, {
    code: 0,
    stdout: "noon␛[2J\n",
    stderr: "mim: Written before: bot: yes\n",
  });
  await bot.waitFor(/^delivered\tada\tnoon/);
  const events = runToEndIn(home, "client", ...me, "--json", "ask", "bot", "again");
  await bot.waitFor("message\tada\tagain");
  await bot.send("/msg ada noon, still");
  const { stdout } = await events;
  const answer = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  assertEquals([answer.event, answer.name, answer.text], ["message", "bot", "noon, still"]);
  const late = await runToEndIn(home, "client", ...me, "ask", "bot", "hm?", "--timeout", "1");
  assertEquals([late.code, late.stdout], [6, ""]);
  assertMatch(late.stderr, /^mim: bot has /);
});

Deno.test("follow: prints what comes, of one user or of all, until nobody reads it", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using bob = startClient("bob", "--server", address, "--name", "bob");
  await bob.waitFor("logged-in\tbob");
  await using eve = startClient("eve", "--server", address, "--name", "eve");
  await eve.waitFor("logged-in\teve");
  await using ada = startClient("ada", "--server", address, "--name", "ada", "follow", "bob");
  await ada.waitFor("logged-in\tada");
  await eve.waitFor(/^online\tada/);
  await eve.send("/msg ada not to be heard");
  await eve.waitFor("chat-closed\tada\tthem");
  await bob.waitFor(/^online\tada/);
  await bob.send("/msg ada hello");
  await ada.waitFor("message\tbob\thello");
  await bob.waitFor("delivered\tada\thello");
  assertEquals(ada.unread.filter((line) => line.includes("heard")), []);
  ada.kill("SIGTERM");
  assertEquals(await ada.exitCode(), 143);
});

Deno.test("follow: what a contact says under another name goes to the one history of that person", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using bob = startClient("bob", "--server", address, "--name", "bob");
  await bob.waitFor("logged-in\tbob");
  const home = newHome();
  const asAda = ["--server", address, "--name", "ada"];
  const known = await runToEndIn(home, "client", ...asAda, "send", "bob", "hi");
  assertEquals(known.code, 0);
  for (const line of [/^online\tada/, /^offline\tada/]) await bob.waitFor(line);
  await using ada = startClientIn(home, "ada", ...asAda, "follow");
  await bob.waitFor(/^online\tada/);
  await bob.send("/msg ada hello");
  await bob.waitFor("delivered\tada\thello");
  await bob.send("/close ada");
  await bob.send("/logout");
  await bob.send("/login rob");
  await bob.waitFor("logged-in\trob");
  await bob.send("/msg ada still me");
  await bob.waitFor("delivered\tada\tstill me");
  ada.kill("SIGTERM");
  assertEquals(await ada.exitCode(), 143);
  const history = await History.open(`${dataFolderIn(home)}/history.db`, () => {});
  const texts = history?.last("bob", 9).map(({ text }) => text);
  await history?.close();
  assertEquals(texts?.toSorted(), ["hello", "still me"]);
});

Deno.test("commands: a system name that belongs to another key keeps nobody from looking and sending", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  const named = { USER: "ada", LOGNAME: "ada" };
  await using owner = startClient("owner", "--server", address, "--name", "ada");
  await owner.waitFor("logged-in\tada");
  for (const command of [["send", "ada", "hello"], ["who"], ["doctor"]]) {
    await using client = new TestProcess({
      name: command[0] ?? "",
      command: Deno.execPath(),
      args: [...runArgs("client"), "--server", address, ...command],
      env: named,
    });
    assertEquals(await client.exitCode(), 0, command[0]);
  }
  await owner.waitFor(/^message\tada-[a-z0-9]{8}\thello/);
  const given = await runToEnd("client", "--server", address, "--name", "ada", "send", "bob", "x");
  assertEquals(given.code, 4, "who has chosen a name gets no other");
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
  assertMatch(errors[0], /^bob can't be dialed from here: /);
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
  const home = newHome();
  const late = await runToEndIn(home, "client", ...base, "--timeout", "0");
  assertEquals([late.code, late.stdout], [5, "error\tbob was not online within 0 s\n"]);
  await using ada = startClientIn(home, "ada", ...base, "--timeout", "60");
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
  const full = await runToEnd("client", ...me, address, "--classic", "who");
  assertEquals(full.code, 4);
  assertMatch(
    full.stdout,
    /^error\tThe server at .* did not log ada in: .* try another with --name NAME$/m,
  );
  const fullToo = await runToEnd("client", ...me, address, "who");
  assertEquals(fullToo.code, 4);
  assertMatch(fullToo.stdout, /^error\tThe server at .* did not log ada in: .*; try again later$/m);

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
