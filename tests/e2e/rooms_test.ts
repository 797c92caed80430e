/** Messages and rooms between programs: scripts see what people do, also after a kill. */

import { assertEquals, assertMatch } from "@std/assert";
import { newHome, runToEndIn, startClientIn, startServer } from "../helpers/programs.ts";

Deno.test("actions: edits, deletes and reactions are lines for scripts, and survive a kill", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  const home = newHome();
  const start = () => startClientIn(home, "ada", "--server", address, "--name", "ada");
  await using bob = startClientIn(newHome(), "bob", "--server", address, "--name", "bob");
  await bob.waitFor("logged-in\tbob");
  {
    await using ada = start();
    await ada.waitFor("logged-in\tada");
    await ada.send("/talk bob");
    await ada.waitFor(/^chat-opened\tbob/);
    await ada.send("lunch at noon?");
    await bob.waitFor(/^message\tada\tlunch at noon\?/);
    await bob.send("/talk ada");
    await bob.send("/react 👍");
    await ada.waitFor(/^reacted\tbob\tbob\t👍\t[0-9a-f]{16}\tyes$/);
    await ada.send("/edit lunch at one?");
    await bob.waitFor(/^edited\tada\tada\tlunch at one\?\t[0-9a-f]{16}$/);
    await ada.send("oops");
    await bob.waitFor(/^message\tada\toops/);
    await ada.send("/delete");
    await bob.waitFor(/^deleted\tada\tada\toops\t[0-9a-f]{16}$/);
    ada.kill("SIGKILL");
    await ada.exitCode();
  }
  await bob.waitFor(/^chat-closed\tada/);
  await using ada = start();
  await ada.waitFor("logged-in\tada");
  await ada.send("/talk bob");
  await ada.waitFor(/^chat-opened\tbob/);
  await ada.send("/history");
  assertMatch(await ada.waitFor(/lunch/), /you: lunch at one\? \(edited\) \[👍\]$/);
  await ada.waitFor(/you: \(deleted\)$/);
  await ada.send("/versions 2");
  await ada.waitFor("note\t1  lunch at noon?");
  await ada.send("/edit 2 lunch at two?");
  await bob.waitFor(/^edited\tada\tada\tlunch at two\?/);
});

Deno.test("rooms: made and joined by people, written to and followed by scripts", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  const [atAda, atBob] = [newHome(), newHome()];
  const base = (name: string) => [
    ...["--server", address, "--name", name],
    ...["--downloads", `${name === "ada" ? atAda : atBob}/Downloads/MIM`],
  ];
  {
    await using bob = startClientIn(atBob, "bob", ...base("bob"));
    await bob.waitFor("logged-in\tbob");
    await using ada = startClientIn(atAda, "ada", ...base("ada"));
    await ada.waitFor("logged-in\tada");
    await ada.send("/msg bob hello");
    await bob.waitFor(/^message\tada\thello/);
    await ada.send("/room new lab bob");
    await bob.waitFor("room-invited\t#lab\tada");
    await bob.send("/join #lab");
    await ada.waitFor("room-joined\t#lab\tbob");
    await ada.send("welcome");
    await bob.waitFor(/^room-message\t#lab\tada\twelcome\t/);
    await ada.send("/rooms");
    await ada.waitFor("room\t1\t#lab\t2\t0\tjoined");
    const plan = `${atAda}/plan.txt`;
    await Deno.writeTextFile(plan, "a plan");
    await ada.send(`/sendfile "${plan}"`);
    await bob.waitFor(/^file-offered\t#lab\t1\tplan\.txt\t6\t1\t[0-9a-f]{64}\tada$/);
    await bob.send("/files");
    await bob.waitFor("note\t1  from ada in #lab: plan.txt (6 bytes), offered");
    await bob.send("/getfile 1");
    await bob.waitFor(`file-received\t1\t${atBob}/Downloads/MIM/plan.txt\tada`);
    await ada.waitFor("file-sent\t1\tplan.txt\tbob");
  }
  {
    const args = ["receive", "#lab", "--once"];
    await using receiver = startClientIn(atBob, "receiver", ...base("bob"), ...args);
    await receiver.waitFor("logged-in\tbob");
    const send = ["send", "#lab", "--file", `${atAda}/plan.txt`];
    const given = await runToEndIn(atAda, "client", ...base("ada"), ...send);
    assertEquals(given.code, 0, given.stderr);
    assertEquals(await receiver.exitCode(), 0);
    assertEquals(await Deno.readTextFile(`${atBob}/Downloads/MIM/plan (2).txt`), "a plan");
  }
  await using follower = startClientIn(atBob, "follower", ...base("bob"), "follow", "#lab");
  await follower.waitFor("logged-in\tbob");
  const sent = await runToEndIn(atAda, "client", ...base("ada"), "send", "#lab", "build is green");
  assertEquals(sent.code, 0, sent.stderr);
  assertMatch(sent.stdout, /^room-sent\t#lab\tada\tbuild is green\t\d+\t[0-9a-f]{64}\n$/);
  await follower.waitFor(/^room-message\t#lab\tada\tbuild is green\t/);
  const none = await runToEndIn(atAda, "client", ...base("ada"), "send", "#none", "x");
  assertEquals(none.code, 5);
  assertMatch(none.stderr, /^mim: There is no room #none here/);
});
