import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { eventually } from "../helpers/wait.ts";
import { runArgs, startClient, startServer } from "../helpers/programs.ts";
import { requiringTest } from "../helpers/required.ts";

/** What tmux says. */
async function run(socket: string, ...args: string[]): Promise<string> {
  const { stdout, stderr, success } = await new Deno.Command("tmux", {
    args: ["-u", "-L", socket, "-f", "/dev/null", ...args],
  }).output();
  if (!success) throw new Error(`tmux ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

async function missing(): Promise<string | undefined> {
  const found = await new Deno.Command("tmux", { args: ["-V"] }).output().catch(() => undefined);
  return found === undefined ? "expected tmux: apt-get install tmux" : undefined;
}

requiringTest("tmux", await missing(), "in tmux: a chat, a paste, and a resize", async () => {
  const socket = `mim-test-${crypto.randomUUID()}`;
  const { process: server, address } = await startServer();
  await using _ = server;
  await using bob = startClient("bob", "--server", address, "--name", "bob");
  await bob.waitFor("logged-in\tbob");
  const shows = (what: string | RegExp) =>
    eventually(async () => {
      const screen = await run(socket, "capture-pane", "-p", "-S", "-", "-t", "mim");
      if (typeof what === "string") assertStringIncludes(screen, what);
      else assertMatch(screen, what);
    });
  const client = [...runArgs("client"), "--server", address, "--name", "ada"];
  await run(
    socket,
    "new-session",
    "-d",
    "-s",
    "mim",
    "-x",
    "80",
    "-y",
    "24",
    Deno.execPath(),
    ...client,
  );
  try {
    await shows("Online: bob");
    await run(socket, "send-keys", "-t", "mim", "/ta", "Tab", "bob", "Enter");
    await shows("talking to bob");
    await run(socket, "set-buffer", "-b", "paste", "one\ntwo\n");
    await run(socket, "paste-buffer", "-p", "-b", "paste", "-t", "mim");
    await shows("one⏎two");
    await run(socket, "send-keys", "-t", "mim", "Enter");
    await bob.waitFor("message\tada\tone\\ntwo");
    const words = Array.from({ length: 20 }, (_, index) => `word${index}`).join("-");
    await run(socket, "send-keys", "-t", "mim", "-l", words);
    await shows("word19");
    // tmux wraps at once, and tells the programs in it a quarter of a second later.
    const told: string[] = [];
    for (const columns of [40, 100, 33, 66, 80]) {
      await run(socket, "resize-window", "-t", "mim", "-x", String(columns));
      for (const when of ["at", "soon after"]) {
        told.push(`${when} ${columns}`);
        await bob.send(`${when} ${columns}`);
        await shows(`bob: ${when} ${columns}`);
      }
    }
    await shows(/word19\s*$/);
    for (const text of told) await shows(`bob: ${text}`);
    await run(socket, "send-keys", "-t", "mim", "Enter");
    await bob.waitFor(`message\tada\t${words}`);
    const emoji = "👨‍👩‍👧‍👦👋🏿🏳️‍🌈🇩🇪1️⃣";
    for (let count = 0; count < 12; count++) {
      await run(socket, "send-keys", "-t", "mim", "-l", emoji);
      told.push(`number ${count}`);
      await bob.send(`number ${count}`);
      await shows(`bob: number ${count}`);
    }
    for (const text of told) await shows(`bob: ${text}`);
    await run(socket, "send-keys", "-t", "mim", "Enter");
    await bob.waitFor(`message\tada\t${emoji.repeat(12)}`);
    // What is redrawn at the top of a cleared screen is not scrolled off it each time.
    await run(socket, "send-keys", "-t", "mim", "C-l");
    for (const line of ["x", "xy", "xyz"]) {
      await run(socket, "send-keys", "-t", "mim", line.slice(-1));
      await shows(new RegExp(`^ada ▸ bob> ${line}$`, "m"));
    }
    const all = await run(socket, "capture-pane", "-p", "-S", "-", "-t", "mim");
    assertEquals(all.match(/^ada ▸ bob>( x.*)?$/gm), ["ada ▸ bob> xyz"]);
  } finally {
    await run(socket, "kill-server");
  }
});
