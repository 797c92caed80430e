import { Wire } from "../helpers/peers.ts";
import { assertEquals } from "@std/assert";
import stringWidth from "string-width";
import { runArgs } from "../helpers/programs.ts";
import { RawClient } from "../helpers/raw_client.ts";
import { TestTerminal } from "../helpers/terminal.ts";
import { TestEnvironment } from "../helpers/test_environment.ts";

/** Messages, and how many milliseconds pass from one to the next. */
const MESSAGES = 150;
const INTERVAL = 20;
const COLUMNS = 40;
/** Wide characters, at odd columns too, over several rows. */
const TYPED = "x日本語のテキスト 😀👍🎉 中文也可以 y" + "한국어 z世界🚀".repeat(6);

Deno.test({
  name: "on a terminal: 50 messages a second leave a long half-typed line and its cursor alone",
  // The terminal's reader is a native one that ends with the process, not with the test.
  sanitizeResources: false,
  sanitizeOps: false,
  async fn() {
    await using env = TestEnvironment.real();
    const { at } = env.serve();
    const args = ["--server", `${at.hostname}:${at.port}`, "--listen", "127.0.0.1", "--classic"];
    await using ada = new TestTerminal(
      [...runArgs("client"), ...args, "--name", "ada"],
      COLUMNS,
      24,
    );
    await ada.shows(/^You are online as ada$/);
    using watcher = await RawClient.login(at.port, "watcher");
    await watcher.until(() => watcher.updates.includes("A ada"), "ada in the table");
    const port = watcher.entries.find(({ entry }) => entry.name === "ada")?.entry.port ?? 0;
    using bob = await Wire.call({ hostname: "127.0.0.1", port }, "bob");
    await bob.sayLines("hello");
    await ada.shows(/bob.*hello$/);

    const [first, rest] = [TYPED.slice(0, 24), TYPED.slice(24)];
    ada.type(first);
    await ada.until((lines) => endsWith(lines, first), "the line begun");
    // The messages come by the clock, and the keys among them.
    const keys = [...rest];
    let come = 0;
    const done = Promise.withResolvers<void>();
    const timer = setInterval(() => {
      bob.sayLines(`message ${come} 你好`).catch(done.reject);
      ada.type(keys.shift() ?? "");
      if (++come === MESSAGES) done.resolve();
    }, INTERVAL);
    await done.promise.finally(() => clearInterval(timer));
    await ada.shows(new RegExp(`bob.* message ${MESSAGES - 1} 你好$`));
    await ada.until(
      (lines) =>
        endsWith(lines, TYPED) && lines.filter((line) => line.includes("日本語")).length === 1,
      "the whole line, once, at the end",
    );
    const behind = () => ada.cursorColumn === stringWidth(ada.lines.at(-1) ?? "");
    await ada.when(behind, "the cursor behind what was typed");

    const shown = ada.lines.filter((line) => /bob.* message /.test(line));
    assertEquals(
      shown.map((line) => Number(/message (\d+)/.exec(line)?.[1])),
      Array.from({ length: MESSAGES }, (_, index) => index),
    );
    // Where the cursor is, the next key goes: also in the middle of the line.
    ada.type("\x1b[D\x1b[D!\x05?");
    const changed = `${TYPED.slice(0, -3)}!${TYPED.slice(-3)}?`; // a rocket is two units
    await ada.until((lines) => endsWith(lines, changed), "the line as changed");
    ada.type("\x15");
    await ada.until((lines) => !lines.some((line) => line.includes("日本語")), "an empty line");
  },
});

/** Whether the screen ends in a text that runs over several rows. */
function endsWith(lines: readonly string[], text: string): boolean {
  return squeezed(lines.join("")).endsWith(squeezed(text));
}

/** Without spaces: those at the end of a row can't be seen. */
function squeezed(text: string): string {
  return text.replaceAll(" ", "");
}
