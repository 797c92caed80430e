import { assertEquals } from "@std/assert";
import type { Transfer } from "../../../client/core/mod.ts";
import { FILE_COMMANDS } from "../../../client/commands/files.ts";
import type { CommandTable } from "../../../client/commands/command.ts";
import type { Context } from "../../../client/app/mod.ts";
import { transferNamed } from "../../fixtures/events.ts";

/** The notes that a person gets after a command about the first transfer. */
async function told(typed: string, transfer: Transfer): Promise<string[]> {
  const notes: string[] = [];
  const context = {
    messenger: { files: { all: [transfer] } },
    note: (text: string) => notes.push(text),
  } as unknown as Context;
  const [name, args = ""] = typed.split(/ (.*)/s);
  await FILE_COMMANDS.find((command) => command.name === name)?.run(
    context,
    args,
    {} as CommandTable,
  );
  return notes;
}

Deno.test("/pausefile: says what is paused, or that nothing was", async () => {
  const transfer = transferNamed("bob", { path: "x", state: "active", location: undefined });
  Object.assign(transfer, { pause: () => Object.assign(transfer, { state: "paused" }) });
  assertEquals(await told("pausefile 1", transfer), ["x: paused at 0 %; /getfile 1 goes on"]);
  assertEquals(await told("pausefile 1", transfer), [
    "Nothing to pause: 1  from bob: x (5 bytes), paused at 0 %",
  ]);
});

Deno.test("/getfile: says that a transfer goes on, or has come already", async () => {
  const fields = { path: "x", location: undefined };
  const full = { ...fields, state: "paused", reason: "disk-full" } as const;
  assertEquals(await told("getfile 1", transferNamed("bob", full)), [
    "x goes on, if the disk has room now",
  ]);
  assertEquals(await told("getfile 1", transferNamed("bob", { ...fields, state: "paused" })), [
    "x goes on",
  ]);
  const done = { path: "x", location: "/tmp/x", state: "done" } as const;
  assertEquals(await told("getfile 1", transferNamed("bob", done)), [
    "Nothing to get: 1  from bob: x (5 bytes), done: /tmp/x",
  ]);
  assertEquals(await told("getfile 1", transferNamed("bob", fields)), []);
});
