/** A welcome that somebody on the way has changed ends every command at once, with exit code 4. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { runToEnd, startClient } from "../helpers/programs.ts";
import { TempFolder } from "../helpers/disk.ts";
import { TcpProxy } from "../helpers/tcp_proxy.ts";
import { TestEnvironment } from "../helpers/test_environment.ts";

/** Less than a command that takes such a server to be busy waits. */
const PROMPT_MS = 20_000;
const CHANGED = /^error\t[^\n]*what came is not what the server sent[^\n]*may have changed it/m;

async function changedWelcome(test: (server: string) => Promise<void>): Promise<void> {
  using folder = new TempFolder();
  await using env = TestEnvironment.real();
  const { at } = env.serve({ data: folder.path });
  await using proxy = new TcpProxy(at);
  const change = (welcome: string) => welcome.replace("Welcome", "Wellcome");
  proxy.rules = {
    welcome: (bytes) => new TextEncoder().encode(change(new TextDecoder().decode(bytes))),
  };
  await test(`127.0.0.1:${proxy.at.port}`);
}

for (
  const command of [
    ["who"],
    ["send", "bob", "hi"],
    ["send", "bob", "--queue", "hi"],
    ["send", "bob", "--wait", "60", "hi"],
    ["ask", "bob", "hi"],
    ["follow"],
    ["wait", "bob", "--timeout", "60"],
  ]
) {
  Deno.test(`on the path: ${command.join(" ")} ends with exit code 4 if the welcome is changed`, async () => {
    await changedWelcome(async (server) => {
      const start = performance.now();
      const args = ["--server", server, "--listen", "127.0.0.1", "--name", "ada", "--plain"];
      const { code, stdout } = await runToEnd("client", ...args, ...command);
      assertMatch(stdout, CHANGED);
      assertEquals(code, 4);
      assert(performance.now() - start < PROMPT_MS, "and at once");
    });
  });
}

Deno.test("on the path: the chat says that a welcome was changed", async () => {
  await changedWelcome(async (server) => {
    await using ada = startClient("ada", "--server", server, "--name", "ada");
    await ada.waitFor(CHANGED);
  });
});
