/** Links as people use them: what the server prints is what the client takes. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { newHome, quietPort, runToEnd, runToEndIn, startServer } from "../helpers/programs.ts";

Deno.test("link: the client joins with what the server prints, and with no other key", async () => {
  const { process, port } = await startServer();
  await using _ = process;
  const line = await process.waitFor(/^others join/);
  const link = /mim:\S+/.exec(line)?.[0] ?? "";
  const joined = await runToEnd("client", "--server", link, "--name", "ada", "who", "--plain");
  assertEquals(joined.code, 0, joined.stderr);
  assertStringIncludes(joined.stdout, "user\t1\tada");

  const other = link.replace(/#.*/, `#${"A".repeat(43)}`);
  const refused = await runToEnd("client", "--server", other, "--name", "ada", "who");
  assertEquals(refused.code, 4);
  assertMatch(
    refused.stderr,
    /The server at 127\.0\.0\.1:\d+ is not the one that the link names: .*; ask whoever gave you the link/,
  );
  const home = newHome();
  for (const command of [["who"], ["send", "bob", "x"], ["wait", "bob"], ["doctor"]]) {
    const { code } = await runToEndIn(home, "client", "--server", other, ...command);
    assertEquals(code, 4, command.join(" "));
  }

  const cut = await runToEnd("client", "--server", link.slice(0, -1), "who");
  assertEquals(cut.code, 2);
  assertMatch(cut.stderr, /the link was cut off or changed; ask for it again/);

  const gone = `127.0.0.1:${quietPort()}`;
  const second = await runToEnd("client", "--server", `${gone},127.0.0.1:${port}`, "who");
  assertEquals(second.code, 0, second.stderr);
});
