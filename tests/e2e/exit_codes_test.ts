/** The exit codes of `who`, `send` and `wait` as a shell sees them; more in commands_test.ts. */

import { assertEquals, assertMatch } from "@std/assert";
import { limits } from "../../protocol/mod.ts";
import { runArgs, runToEnd, startClient, startServer } from "../helpers/programs.ts";
import { TestProcess } from "../helpers/process.ts";
import { TestEnvironment } from "../helpers/test_environment.ts";

/** The options that name server and user; the servers here speak classic MIM. */
function at({ hostname, port }: { hostname: string; port: number }): string[] {
  return ["--server", `${hostname}:${port}`, "--listen", "127.0.0.1", "--name", "ada", "--classic"];
}

for (const command of [["who"], ["send", "bob", "hello"]]) {
  Deno.test({
    name: `${command[0]}: what it has to say and can't write is exit 1`,
    ignore: Deno.build.os !== "linux", // others have no device that is always full
    async fn() {
      await using env = TestEnvironment.real();
      const { at: place } = env.serve();
      await env.user("bob", place).login();
      const program = [Deno.execPath(), ...runArgs("client"), ...at(place), ...command];
      await using shell = new TestProcess({
        name: "client",
        command: "sh",
        args: ["-c", 'exec "$0" "$@" 2>&1 > /dev/full', ...program], // the pipe has stderr alone
      });
      const CANNOT_WRITE = /^mim: Cannot write to stdout: /;
      await shell.waitFor(CANNOT_WRITE);
      assertEquals(await shell.exitCode(), 1);
      assertEquals(shell.unread.filter((line) => CANNOT_WRITE.test(line)), [], "once");
    },
  });
}

Deno.test({
  name: "a folder as stdin is exit 2, and is said to be one",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using env = TestEnvironment.real();
    const { at: place } = env.serve();
    await env.user("bob", place).login();
    for (const command of [["send", "bob"], ["--plain"]]) {
      const program = [Deno.execPath(), ...runArgs("client"), ...at(place), ...command];
      await using shell = new TestProcess({
        name: "client",
        command: "sh",
        args: ["-c", 'exec "$0" "$@" < /', ...program],
      });
      await shell.waitForError("mim: Cannot read stdin: it is a folder");
      assertEquals(await shell.exitCode(), 2);
    }
  },
});

Deno.test("who, send, wait: without the server it is exit 3", async () => {
  for (const command of [["who"], ["send", "bob", "hi"], ["wait", "bob"]]) {
    const me = at({ hostname: "127.0.0.1", port: 1 });
    const { code, stdout } = await runToEnd("client", ...me, ...command);
    assertEquals(code, 3);
    assertMatch(stdout, /^error\tCannot reach the server at 127\.0\.0\.1:1: [^\n]+\n$/);
  }
});

Deno.test("wait: a server that goes is exit 3", async () => {
  await using env = TestEnvironment.real();
  const { server, at: place } = env.serve();
  const eve = env.user("eve", place);
  await eve.login();
  await using ada = startClient("ada", ...at(place), "wait", "bob");
  await eve.saw("online", { name: "ada" });
  await server.close();
  assertEquals(await ada.exitCode(), 3);
  await ada.waitFor(/^error\tThe server closed the connection/);
});

Deno.test("send: a peer that hangs up, and a line that is too long, are exit 6", async () => {
  await using env = TestEnvironment.real();
  const { at: place } = env.serve();
  const bob = env.user("bob", place);
  await bob.login();
  {
    await using ada = startClient("ada", ...at(place), "send", "bob");
    await ada.send("one");
    await bob.saw("message", { text: "one" });
    await (await bob.saw("chat-opened")).chat.close();
    await ada.send("two").catch(() => {}); // it may have ended by now
    await ada.closeInput();
    assertEquals(await ada.exitCode(), 6);
    await ada.waitFor(/^error\t/);
  }
  for (const length of [limits.lineBytes + 1, 300_000, 5_000_000]) {
    await using ada = startClient("ada", ...at(place), "send", "bob");
    await ada.send("short");
    await ada.send("x".repeat(length)).catch(() => {}); // nobody reads all of it
    await ada.closeInput().catch(() => {});
    assertEquals(await ada.exitCode(), 6);
    await ada.waitFor(
      "error\tLine 2 is longer than 65536 bytes; the lines before it were sent; " +
        "`fold -s -w 60000` breaks long lines up",
    );
  }
});

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 143]] as const) {
  for (const command of [["wait", "bob"], ["send", "eve"]]) {
    Deno.test({
      name: `${command[0]}: ${signal} is exit ${code}, and the server knows at once`,
      ignore: Deno.build.os === "windows",
      async fn() {
        await using env = TestEnvironment.real();
        const { at: place } = env.serve();
        const eve = env.user("eve", place);
        await eve.login();
        await using ada = startClient("ada", ...at(place), ...command);
        await eve.saw(command[0] === "wait" ? "online" : "chat-opened", { name: "ada" });
        ada.kill(signal);
        assertEquals(await ada.exitCode(), code);
        await eve.saw("offline", { name: "ada" });
        assertEquals(ada.unread, []);
      },
    });
  }
}

for (const command of [["who"], ["wait", "bob", "--timeout", "60"]]) {
  Deno.test(`first contact: ${command[0]} of a fresh user tells an unknown server without MIM/2 nothing`, async () => {
    await using env = TestEnvironment.real();
    const { at: place } = env.serve();
    const eve = env.user("eve", place);
    await eve.login();
    const server = `${place.hostname}:${place.port}`;
    const args = ["--server", server, "--listen", "127.0.0.1", "--name", "ada"];
    const { code, stdout } = await runToEnd("client", ...args, ...command);
    assertMatch(stdout, /^error\t[^\n]*does not speak MIM\/2[^\n]*or add --classic\n$/);
    assertEquals(code, 4);
    assertEquals([...eve.users].map(({ name }) => name), ["eve"]);
  });
}

Deno.test("who: at a server for keys only a fresh user has one, and --classic is told to leave it", async () => {
  const server = await startServer("--keys-only");
  await using _ = server.process;
  const args = ["--server", server.address, "--listen", "127.0.0.1", "--name", "ada"];
  const fresh = await runToEnd("client", ...args, "who");
  assertEquals(fresh.code, 0, fresh.stderr);
  assertMatch(fresh.stdout, /^user\t1\tada\t[^\t]+\tyou\nusers\t1\n$/);
  const classic = await runToEnd("client", ...args, "--classic", "who");
  assertEquals(classic.code, 4);
  assertMatch(
    classic.stdout,
    /^error\t[^\n]*start without --classic to log in with your key, or try another with --name NAME\n$/,
  );
});
