/** A server that tells nobody of everybody, and the programs there. */

import { assertEquals, assertMatch } from "@std/assert";
import {
  newHome,
  runArgs,
  runToEnd,
  runToEndIn,
  startClient,
  startServer,
} from "../helpers/programs.ts";
import { TestTerminal } from "../helpers/terminal.ts";
import { encodeLogin } from "../../protocol/mod.ts";
import { RawClient } from "../helpers/raw_client.ts";

Deno.test("a very large server: commands and the chat find whom they name, and say that there are others", async () => {
  const limits = ["--full-table", "1", "--classic-table", "3"];
  const { process: server, address, port } = await startServer(...limits);
  await using _ = server;
  await using bob = startClient("bob", "--server", address, "--name", "bob");
  await bob.waitFor("logged-in\tbob");
  using _classic = await RawClient.login(port, "boris");
  const home = newHome();
  const ada = ["--server", address, "--name", "ada"];

  const all = await runToEndIn(home, "client", ...ada, "who");
  assertMatch(all.stdout, /^user\t1\tada\t.*\nusers\t1\nnote\tThis server has 3 users.*\n$/);
  const some = await runToEndIn(home, "client", ...ada, "who", "bo");
  assertMatch(some.stdout, /^user\t\d\tbo.*\nuser\t\d\tbo.*\nusers\t2\n$/);
  const short = await runToEndIn(home, "client", ...ada, "who", "z");
  assertMatch(short.stdout, /^users\t0\nnote\tOnly people you know .* at least 2 characters .*\n$/);
  const sent = await runToEndIn(home, "client", ...ada, "send", "Bob", "hello");
  assertEquals([sent.code, sent.stderr], [0, ""]);
  await bob.waitFor("message\tada\thello");
  assertEquals(
    (await runToEnd("client", ...ada.slice(0, 2), "--name", "eve", "wait", "bob")).code,
    0,
  );
  const nobody = await runToEnd(
    "client",
    ...ada.slice(0, 2),
    "--name",
    "fay",
    "send",
    "nobody",
    "x",
  );
  assertEquals(nobody.code, 5);

  await using carol = startClient("carol", "--server", address, "--name", "carol");
  await carol.waitFor("logged-in\tcarol");
  await carol.send("/who bor");
  await carol.waitFor(/^user\t1\tboris\t/);
  await carol.waitFor("users\t1");
  await carol.send("/talk bob");
  await carol.waitFor(/^chat-opened\tbob\t/);
  await carol.send("found you");
  await bob.waitFor("message\tcarol\tfound you");
  await server.waitForError(/no classic client can log in from now on/);
  using late = await RawClient.connect(port);
  await late.send(encodeLogin({ name: "late", port: 4000 }));
  await late.ended;
  await server.waitForError(/classic-full/);
});

Deno.test(
  "a very large server: at a terminal, Tab and /who find people, and nobody is said to come",
  // The terminal's reader is a native one that ends with the process, not with the test.
  { sanitizeResources: false, sanitizeOps: false },
  async () => {
    const { process: server, address, port } = await startServer("--full-table", "1");
    await using _ = server;
    using _bob = await RawClient.login(port, "bob");
    using _boris = await RawClient.login(port, "boris");
    const args = [...runArgs("client"), "--server", address, "--name", "ada"];
    await using ada = new TestTerminal(args);
    await ada.shows(/^2 people whom you don't know are online; \/who and the beginning/);
    ada.type("/joins on\r");
    await ada.shows(/^joins is on/);
    ada.type("/talk bor\t");
    await ada.until((lines) => lines.at(-1)?.endsWith("/talk boris") ?? false, "the whole name");
    ada.type("\x15/talk bo\t");
    await ada.shows(/^(bob +boris|boris +bob)$/);
    ada.type("\x15/who\r");
    await ada.shows(/^This server has 3 users, so only people you know are listed; \/who PART/);
    assertEquals(ada.lines.filter((line) => / is online$/.test(line)), []);
  },
);
