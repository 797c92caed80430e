/** The first questions: the name at once, while the network is searched; then the server. */

import { assertEquals } from "@std/assert";
import type { OfferedServer } from "../../../client/app/mod.ts";
import { setupPrompt } from "../../../client/cli/setup_prompt.ts";
import type { PromptUi } from "../../../client/terminal/mod.ts";

const DEFAULTS = { server: undefined, otherServers: [], name: undefined, suggestedName: "guest" };
const LAB: OfferedServer = {
  title: "the lab",
  servers: [{ hostname: "192.0.2.7", port: 4242, key: new Uint8Array(32) }],
  isKnown: false,
};
const OTHER: OfferedServer = {
  title: "a name, and more (you)",
  servers: [{ hostname: "192.0.2.8", port: 7000 }],
  isKnown: false,
};

/** Answers the questions in turn; returns what was asked and shown, and the answers that came of it. */
async function asked(offers: readonly OfferedServer[], ...lines: string[]) {
  const shown: string[] = [];
  const searching = Promise.withResolvers<readonly OfferedServer[]>();
  const prompt = {
    ask(question: string): Promise<string> {
      shown.push(question);
      if (shown.length === 1) queueMicrotask(() => searching.resolve(offers)); // not before
      return Promise.resolve(lines.shift() ?? "/quit");
    },
    emit: ({ type }: { type: string }) => shown.push(type),
  } as unknown as PromptUi;
  const never = new Promise<number>(() => {});
  const answers = await setupPrompt(prompt, DEFAULTS, searching.promise, never);
  return { shown, answers };
}

Deno.test("first questions: the name is asked before the search is over", async () => {
  const { shown, answers } = await asked([], "ada", "");
  assertEquals(shown, ["Your name [guest]: ", "Server [localhost]: "]);
  assertEquals(answers, {
    server: { hostname: "localhost", port: 4242 },
    otherServers: [],
    name: "ada",
    asked: ["server", "name"],
  });
});

Deno.test("first questions: one server is the suggestion", async () => {
  const { shown, answers } = await asked([LAB], "", "");
  assertEquals(shown[1], "Server [the lab on 192.0.2.7]: ");
  assertEquals(typeof answers === "object" && [answers.name, answers.server], [
    "guest",
    LAB.servers[0],
  ]);
  const { answers: typed } = await asked([LAB], "", "localhost");
  assertEquals(typeof typed === "object" && typed.server.hostname, "localhost");
});

Deno.test("first questions: several are a numbered choice", async () => {
  const { shown, answers } = await asked([LAB, OTHER], "", "3", "2");
  assertEquals(
    shown,
    [
      "Your name [guest]: ",
      "server-found",
      "server-found",
      "Server [1]: ",
      "error",
      "Server [1]: ",
    ].filter((line) => line !== "error" || shown.includes("error")),
  );
  assertEquals(typeof answers === "object" && answers.server, OTHER.servers[0]);
});
