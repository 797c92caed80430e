import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COMMAND_TABLE, dispatch } from "../../client/commands/mod.ts";
import { Context } from "../../client/app/context.ts";
import type { ClientEvent } from "../../client/app/events.ts";
import { Messenger } from "../../client/core/mod.ts";
import { CLIENT_HELP } from "../../client/cli/options.ts";
import { TextLines } from "../../client/terminal/render/text.ts";
import type { View } from "../../client/terminal/render/view.ts";
import { SERVER_HELP } from "../../server/cli/options.ts";
import { MimServer } from "../../server/mod.ts";
import { poll } from "../helpers/wait.ts";

import config from "../../deno.json" with { type: "json" };

const README = await Deno.readTextFile(new URL("../../README.md", import.meta.url));

/** Somebody at a terminal: what is typed, and the lines that appear. */
class Person implements AsyncDisposable {
  readonly console: Context;
  readonly seen: string[] = [];
  readonly #messenger: Messenger;
  readonly #text = new TextLines();

  #view(): View {
    const { front: { current }, messenger, settings } = this.console;
    return {
      current,
      chats: messenger.chats,
      me: messenger.name,
      joins: settings.joins,
      online: messenger.online,
    };
  }

  constructor(name: string, server: MimServer) {
    const identity = crypto.getRandomValues(new Uint8Array(32));
    this.#messenger = new Messenger({ name, server, identity });
    this.console = new Context(
      this.#messenger,
      (event) => this.seen.push(...this.#shown(event).map(unlike)),
      () => {},
      () => false,
    );
  }

  /** That something arrived at once, the terminal doesn't tell beside it. */
  #shown(event: ClientEvent): string[] {
    if (event.type === "delivered") return [];
    return this.#text.of(event, new Date(), this.#view());
  }

  async start(everybody: number): Promise<void> {
    await this.#messenger.login();
    await poll(() => this.#messenger.online.length === everybody, "everybody to be online");
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

Deno.test("README: two people see just what its transcript says", async () => {
  const transcript = /```transcript\n(.*?)```/s.exec(README)?.[1]?.trimEnd().split("\n") ?? [];
  assert(transcript.length > 15);
  const data = await Deno.makeTempDir();
  await using server = MimServer.listen({ hostname: "127.0.0.1", port: 0, data });
  await using bob = new Person("bob", server);
  await using ada = new Person("ada", server);
  await bob.start(1);
  await ada.start(2);
  await poll(() => bob.console.messenger.online.length === 2, "bob to see ada");
  for (const { seen } of [ada, bob]) seen.length = 0;
  for (const line of transcript) {
    const [, name, what, text = ""] = /^(ada|bob)([>|]) (.*)$/.exec(line) ?? [];
    const person = name === "ada" ? ada : bob;
    if (what === ">") {
      await dispatch(person.console, text);
    } else {
      await poll(() => person.seen.length > 0, `"${line}"`);
      assertEquals(person.seen.shift(), unlike(text));
    }
  }
  assertEquals([ada.seen, bob.seen], [[], []]);
});

Deno.test("README: every option, every command and both tasks are in it", () => {
  const options = (help: string) => help.match(/--[a-z-]+/g) ?? [];
  for (const option of [...options(CLIENT_HELP), ...options(SERVER_HELP)]) {
    assertStringIncludes(README, option);
  }
  for (const { name, args } of COMMAND_TABLE.commands) {
    assertStringIncludes(README, `\`${`/${name} ${args}`.trim()}\``);
  }
  assertStringIncludes(README, config.tasks.client.command);
  assertStringIncludes(README, config.tasks.server.command);
  assertStringIncludes(README, "npx -y deno@2.9.6 task client");
  assertStringIncludes(README, "npx -y deno@2.9.6 task test");
});
