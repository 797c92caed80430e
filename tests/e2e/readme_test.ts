import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COMMAND_TABLE as TABLE, dispatch } from "../../client/commands/mod.ts";
import { CONFIG_KEYS } from "../../client/storage/config/config.ts";
import { Context } from "../../client/app/context.ts";
import type { ClientEvent } from "../../client/app/events.ts";
import { Identity, Messenger } from "../../client/core/mod.ts";
import { CLIENT_HELP } from "../../client/cli/options.ts";
import { TextLines } from "../../client/terminal/render/text.ts";
import type { View } from "../../client/terminal/render/view.ts";
import { SERVER_HELP } from "../../server/cli/options.ts";
import { MimServer } from "../../server/mod.ts";
import { poll } from "../helpers/wait.ts";

import config from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url);
const README = await read("README.md");
const USER_GUIDE = await read("client/docs/user-guide.md");
const COMMAND_TABLE = await read("client/docs/commands.md");
const CONFIGURATION = await read("client/docs/configuration.md");
const SCRIPTING = await read("client/docs/scripting.md");
const OPERATING = await read("server/docs/operating.md");

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}

/** Somebody at a terminal: what is typed, and the lines that appear. */
class Person implements AsyncDisposable {
  readonly context: Context;
  readonly seen: string[] = [];
  readonly #messenger: Messenger;
  readonly #text = new TextLines();

  #view(): View {
    const { activeChat: { current }, messenger, settings } = this.context;
    return {
      current,
      chats: messenger.chats.all,
      me: messenger.name,
      joins: settings.joins,
      online: [...messenger.users],
    };
  }

  constructor(name: string, server: MimServer) {
    const identity = crypto.getRandomValues(new Uint8Array(32));
    this.#messenger = new Messenger({ name, server, identity: Identity.fromBytes(identity) });
    this.context = new Context(this.#messenger, {
      emit: (event) => this.seen.push(...this.#shown(event).map(unlike)),
      isTyping: () => false,
      quit: () => {},
    });
  }

  /** That something arrived at once, the terminal doesn't tell beside it. */
  #shown(event: ClientEvent): string[] {
    if (event.type === "delivered") return [];
    return this.#text.of(event, new Date(), this.#view());
  }

  async start(everybody: number): Promise<void> {
    await this.#messenger.login();
    await poll(() => this.#messenger.users.size === everybody, "everybody to be online");
    this.#text.arrived();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#messenger.quit();
  }
}

/** A line without what differs from run to run: addresses, ports, times. */
function unlike(line: string): string {
  return line.replace(/\d+\.\d+\.\d+\.\d+(:\d+)?/g, "ADDRESS").replace(/^\[\d\d:\d\d\]/, "[TIME]");
}

/** Plays a document's transcript: each person types what it says, and sees what it says. */
async function play(document: string, least: number): Promise<void> {
  const transcripts = [...document.matchAll(/```transcript\n(.*?)```/gs)];
  assertEquals(transcripts.length, 1);
  const transcript = transcripts[0]?.[1]?.trimEnd().split("\n") ?? [];
  assert(transcript.length >= least);
  const data = await Deno.makeTempDir();
  await using server = MimServer.listen({ hostname: "127.0.0.1", port: 0, data });
  await using bob = new Person("bob", server);
  await using ada = new Person("ada", server);
  await bob.start(1);
  await ada.start(2);
  await poll(() => bob.context.messenger.users.size === 2, "bob to see ada");
  for (const { seen } of [ada, bob]) seen.length = 0;
  for (const line of transcript) {
    const [, name, what, text = ""] = /^(ada|bob)([>|]) (.*)$/.exec(line) ?? [];
    assert(name !== undefined, `a line of the transcript: "${line}"`);
    const person = name === "ada" ? ada : bob;
    if (what === ">") {
      await dispatch(person.context, text);
    } else {
      await poll(() => person.seen.length > 0, `"${line}"`);
      assertEquals(person.seen.shift(), unlike(text));
    }
  }
  assertEquals([ada.seen, bob.seen], [[], []]);
}

Deno.test("README: two people see just what its transcript says", () => play(README, 10));

Deno.test("user-guide.md: two people see just what its transcript says", () => {
  return play(USER_GUIDE, 23);
});

Deno.test("README: the first commands are those that need nothing but npx, then server and client", () => {
  const commands = [...README.matchAll(/```sh\n(.*?)```/gs)]
    .flatMap(([, block = ""]) => block.trimEnd().split("\n"))
    .map((line) => line.replace(/\s+#.*$/, ""));
  assertEquals(commands.slice(0, 4), [
    "npx -y deno@2.9.6 task client",
    "npx -y deno@2.9.6 task test",
    "deno task server",
    "deno task client --server 192.0.2.7",
  ]);
  for (const command of commands) {
    const task = /deno(?:@\S+)? task (\S+)/.exec(command)?.[1] ?? "";
    assert(Object.hasOwn(config.tasks, task), `there is a task for: ${command}`);
  }
});

Deno.test("configuration.md and operating.md: their tables have every option, and no other", () => {
  for (
    const [help, document] of [[CLIENT_HELP, CONFIGURATION], [SERVER_HELP, OPERATING]] as const
  ) {
    const inHelp = new Set(help.match(/--[a-z-]+/g));
    const rows = document.split("\n").filter((line) => line.startsWith("| "));
    const options = rows.flatMap((row) => /^\| `(--[a-z-]+)[ `]/.exec(row)?.[1] ?? []);
    const permissions = options.filter((option) => option.startsWith("--allow-"));
    assertEquals(
      options.filter((option) => !permissions.includes(option) && !inHelp.has(option)),
      [],
    );
    // Those of a single command stand in that command's row.
    for (const option of inHelp) assertStringIncludes(rows.join("\n"), `\`${option}`);
    assertEquals(options.length, new Set(options).size);
    assert(options.length > 8);
  }
});

Deno.test("commands.md: its table is that of the program", () => {
  const rows = [...COMMAND_TABLE.matchAll(/^\| `(\/\w+)` \| (?:`([^`]*)` )?\| \S.*\|$/gm)];
  assertEquals(
    rows.map(([, name, args = ""]) => [name, args]),
    TABLE.commands.map(({ name, args }) => [`/${name}`, args]),
  );
});

Deno.test("configuration.md: its table has every key of the config file", () => {
  const section = CONFIGURATION.split("\n## Config file\n")[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  const keys = rows.flatMap((row) => row.split(" | ")[0]?.match(/`\w+`/g) ?? []);
  assertEquals(keys.map((key) => key.slice(1, -1)).sort(), [...CONFIG_KEYS].sort());
});

Deno.test("scripting.md and operating.md: their exit codes are those of --help", () => {
  for (const [help, document] of [[CLIENT_HELP, SCRIPTING], [SERVER_HELP, OPERATING]] as const) {
    const inHelp = help.split("Exit codes:")[1]?.match(/\d+/g) ?? [];
    const table = document.split("| exit code |")[1]?.split("\n\n")[0] ?? "";
    const codes = [...table.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => code);
    assertEquals(codes, inHelp);
    assert(codes.length > 3);
  }
});

/** The words of plain events, read off the program's own table of them. */
async function plainWords(): Promise<string[]> {
  const words = new Set<string>();
  let labels: string[] = [];
  for (const line of (await read("client/terminal/render/record.ts")).split("\n")) {
    const label = /^ {4}case "([\w-]+)":/.exec(line)?.[1];
    if (label !== undefined) labels.push(label);
    const [, given] = /\bevent: (event\.type|"[\w-]+")/.exec(line) ?? [];
    if (given === undefined) continue;
    for (const word of given === "event.type" ? labels : [given.slice(1, -1)]) words.add(word);
    labels = [];
  }
  return [...words];
}

Deno.test("scripting.md: its table has every word of plain events, and no other", async () => {
  const rows = SCRIPTING.matchAll(/^\| `([\w-]+)` \|.*\| .* \|$/gm);
  const words = [...rows].map(([, word = ""]) => word);
  assertEquals(words.toSorted(), (await plainWords()).toSorted());
  assert(words.length > 20);
});

Deno.test("operating.md: its table has every metric, and no other", async () => {
  const names = (text: string) => [...new Set(text.match(/\bmim_[a-z0-9_]+/g))].sort();
  const sources = ["metrics", "cluster_metrics"].map((name) => read(`server/metrics/${name}.ts`));
  assertEquals(names(OPERATING), names((await Promise.all(sources)).join()));
});

Deno.test("configuration.md and operating.md: their commands are those of the tasks", () => {
  assertStringIncludes(CONFIGURATION, `\n${config.tasks["client:run"]}\n`);
  assertStringIncludes(OPERATING, `\n${config.tasks["server:run"]}\n`);
});

Deno.test("the tasks and the unit start programs that ask nobody whether there is a newer Deno", async () => {
  for (const task of ["client", "window", "server"] as const) {
    const { command } = config.tasks[task];
    for (const line of [command, config.tasks[`${task}:run`]]) {
      assertMatch(line, /^DENO_NO_UPDATE_CHECK=1 deno /);
    }
  }
  assertMatch(
    await read("server/cli/mim-server.service"),
    /^Environment=.* DENO_NO_UPDATE_CHECK=1 /m,
  );
});
