import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  newHome,
  quietPort,
  startClient,
  startServer,
  startServerIn,
} from "../helpers/programs.ts";
import type { TestProcess } from "../helpers/process.ts";

/** An address as in plain events. */
const ADDRESS = String.raw`127\.0\.0\.1:\d+`;
/** A key tag. */
const TAG = "[a-z0-9]{4}-[a-z0-9]{4}";

function event(word: string, ...fields: string[]): RegExp {
  return new RegExp(`^${[word, ...fields].join("\t")}$`);
}

async function loggedIn(server: string, name: string, ...args: string[]): Promise<TestProcess> {
  const client = startClient(name, "--server", server, "--name", name, ...args);
  await client.waitFor(`logged-in\t${name}`);
  return client;
}

Deno.test("two people find each other, talk, part, and the other end says so", async () => {
  const { process: server, address } = await startServer("--title", "the lab");
  await using _ = server;
  await using bob = await loggedIn(address, "bob");
  await using ada = startClient("ada", "--server", address, "--name", "ada");

  assertEquals(await ada.waitFor(/^connected/), `connected\t${address}`);
  assertEquals(await ada.waitFor(/^welcome/), "welcome\tWelcome to the lab.");
  await ada.waitFor(event("listening", "\\d+"));
  await ada.waitFor(event("online", "bob", ADDRESS, "new"));
  await ada.waitFor(event("online", "ada", ADDRESS, "you"));
  await ada.waitFor("logged-in\tada");
  await bob.waitFor(event("online", "ada", ADDRESS, "new"));

  await ada.send("/who");
  assertMatch(await ada.waitFor(/^user\t1/), event("user", "1", "ada", ADDRESS, "you"));
  assertMatch(await ada.waitFor(/^user\t2/), event("user", "2", "bob", ADDRESS, "new"));
  await ada.waitFor("users\t2");

  await ada.send("/talk bob");
  await ada.waitFor(event("chat-opened", "bob", ADDRESS, "me", "new", TAG));
  await bob.waitFor(event("chat-opened", "ada", ADDRESS, "them", "new", TAG));
  await bob.send("who is it?");
  await bob.waitFor("sent\tada\twho is it?");
  await ada.waitFor("message\tbob\twho is it?");
  await ada.send("");
  await ada.send("  ");
  await ada.send("//me: a \\ and a ☃");
  await ada.waitFor("sent\tbob\t/me: a \\\\ and a ☃");
  await bob.waitFor("message\tada\t/me: a \\\\ and a ☃");

  await ada.send("/close");
  await ada.waitFor("chat-closed\tbob\tme");
  await bob.waitFor("chat-closed\tada\tthem");
  await bob.send("still there?");
  await bob.waitFor(/^note\tNot sent: the chat with ada is inactive/);

  await ada.send("/quit");
  assertEquals(await ada.exitCode(), 0);
  await bob.waitFor(event("offline", "ada", ADDRESS));
  assertEquals(bob.unread.filter((line) => line.startsWith("message")), []);
});

Deno.test("whoever logs out keeps the chat, and may log in again", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using bob = await loggedIn(address, "bob");
  await using ada = await loggedIn(address, "ada");
  await ada.send("/msg bob hello");
  await bob.waitFor("message\tada\thello");
  await ada.send("/logout");
  await ada.waitFor("logged-out");
  await bob.waitFor(event("offline", "ada", ADDRESS));
  await bob.send("you left?");
  await ada.waitFor("message\tbob\tyou left?");
  await ada.send("only the table");
  await bob.waitFor("message\tada\tonly the table");
  await ada.send("/login ada2");
  await ada.waitFor("logged-in\tada2");
  await bob.waitFor(event("online", "ada2", ADDRESS, "new,renamed"));
});

Deno.test("the server may go: chats stay, and it is said once", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using bob = await loggedIn(address, "bob");
  await using ada = await loggedIn(address, "ada");
  await ada.send("/talk bob");
  await bob.waitFor(/^chat-opened/);
  server.kill("SIGKILL");
  await ada.waitFor(/^disconnected\tthe /);
  await bob.waitFor(/^disconnected\tthe /);
  await bob.send("without a server");
  await ada.waitFor("message\tbob\twithout a server");
  await ada.send("/login");
  await ada.waitFor(/^error\tCannot reach the server at .*: nothing listens there/);
});

Deno.test("the server may come back: so do both, by themselves, and only that is told", async () => {
  const home = newHome();
  const port = ["--port", `${quietPort()}`];
  const { process: first, address } = await startServerIn(home, ...port);
  await using _ = first;
  await using bob = await loggedIn(address, "bob");
  await using ada = await loggedIn(address, "ada");
  await ada.send("/talk bob");
  for (const user of [ada, bob]) await user.waitFor(/^chat-opened/);
  first.kill("SIGKILL");
  for (const user of [ada, bob]) await user.waitFor(/^disconnected\tthe /);
  const before = [ada, bob].map((user) => user.unread.length);
  const { process: second } = await startServerIn(home, ...port);
  await using _again = second;
  for (const user of [ada, bob]) await user.waitFor(/^logged-in/);
  await bob.send("did you notice?");
  await ada.waitFor("message\tbob\tdid you notice?");
  // Once she is told of, the table is complete and compared.
  await using _carol = await loggedIn(address, "carol");
  for (const user of [ada, bob]) await user.waitFor(/^online\tcarol/);
  const since = [ada, bob].flatMap((user, index) => user.unread.slice(before[index]));
  const noise = /^(welcome|online|offline|chat-closed|chat-opened|error|note)/;
  assertEquals(since.filter((line) => noise.test(line)), []);
});

Deno.test("a peer that is killed leaves an inactive chat, and what is written then waits", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using bob = await loggedIn(address, "bob");
  await using ada = await loggedIn(address, "ada");
  await ada.waitFor(/^online\tbob/);
  await ada.send("/talk bob");
  await bob.waitFor(/^chat-opened/);
  bob.kill();
  await ada.waitFor(event("chat-closed", "bob", "(them|lost)"));
  await ada.waitFor(event("offline", "bob", ADDRESS));
  await ada.send("/talk bob");
  await ada.waitFor("note\tMessages to bob wait in the outbox and are sent automatically");
  await ada.send("are you there?");
  await ada.waitFor("queued\tbob\tare you there?");
});

Deno.test("several chats at once: lines go to the current one, /talk goes between them", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using ada = await loggedIn(address, "ada");
  await using bob = await loggedIn(address, "bob");
  await using carol = await loggedIn(address, "carol");
  await bob.send("/talk ada");
  await ada.waitFor(event("chat-opened", "bob", ADDRESS, "them", "new", TAG));
  await carol.send("/talk ada");
  await ada.waitFor(event("chat-opened", "carol", ADDRESS, "them", "new", TAG));
  await ada.send("to bob");
  await bob.waitFor("message\tada\tto bob");
  await ada.send("/talk carol");
  await ada.waitFor("note\tNow talking to carol");
  await ada.send("to carol");
  await carol.waitFor("message\tada\tto carol");
  await ada.send("/msg bob aside");
  await bob.waitFor("message\tada\taside");
  await ada.send("carol again");
  await carol.waitFor("message\tada\tcarol again");
});

Deno.test("--json says the same as --plain, an object a line", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using bob = await loggedIn(address, "bob");
  await using ada = startClient("ada", "--server", address, "--name", "ada", "--json");
  const next = async (word: string) =>
    JSON.parse(await ada.waitFor((line) => JSON.parse(line).event === word, word));
  assertEquals(await next("connected"), { event: "connected", address });
  assertEquals(await next("logged-in"), { event: "logged-in", name: "ada" });
  await ada.send("/who");
  const { number, name, flags } = await next("user");
  assertEquals([number, name, flags], [1, "ada", ["you"]]);
  assertEquals(await next("users"), { event: "users", count: 2 });
  await bob.waitFor(/^online\tada\t/);
  await bob.send("/msg ada tab\there");
  const before = Date.now();
  const { time, id, key, keyTag, address: place, ...message } = await next("message");
  assertEquals(message, { event: "message", name: "bob", text: "tab\there", security: "new" });
  assertMatch(
    [id, key, keyTag, place].join(" "),
    /^[0-9a-f]{16} [0-9a-f]{64} [a-z0-9-]+ 127\.0\.0\.1:\d+$/,
  );
  assert(Math.abs(time - before) < 60_000, `${time}`);
});

Deno.test("classic names that differ in case only are two people, and each gets what is said to them", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using small = await loggedIn(address, "bob", "--classic");
  await using large = await loggedIn(address, "BOB", "--classic");
  await using ada = await loggedIn(address, "ada");
  await ada.send("/talk bob");
  await small.waitFor(/^chat-opened\tada/);
  await ada.send("/msg BOB for BOB only");
  await large.waitFor("message\tada\tfor BOB only");
  await ada.send("/talk Bob");
  await ada.waitFor(/^error\tBob could mean bob@.*, BOB@.*; say which one$/);
});
