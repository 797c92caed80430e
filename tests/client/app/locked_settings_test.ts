/** Settings that the machine's config locks stay as they are, however a user tries to change them. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { MessageArchive } from "../../../client/app/mod.ts";
import { Messenger } from "../../../client/core/mod.ts";
import { Profile } from "../../../client/storage/mod.ts";
import { FakeNetwork } from "../../../client/testing/fake_network.ts";
import { RequestHandler } from "../../../client/window/api/request_handler.ts";
import type { Request } from "../../../client/window/messages.ts";
import { WindowState } from "../../../client/window/state/mod.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import { Screen } from "./screen.ts";

const SYSTEM = {
  path: "/etc/mim/config.json",
  config: { server: "192.0.2.1", name: "ada", strangers: "ask", bell: true, seen: false },
  locked: ["server", "name", "strangers", "bell", "seen"],
} as const;

Deno.test("locked: /set, /bell, /server and /login say so, and change nothing", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const ada = env.user("ada", at);
  await ada.login();
  const screen = new Screen(ada);
  const profile = new Profile(undefined, {}, "a test", false, SYSTEM);
  screen.context.assertUnlocked = (key) => profile.assertUnlocked(key);
  const lines = {
    "/set strangers allow": "strangers",
    "/bell off": "bell",
    "/server 192.0.2.9": "server",
    "/login eve": "name",
  };
  for (const [line, key] of Object.entries(lines)) {
    await screen.type(line);
    const [told = "", more] = screen.told();
    assertMatch(told, new RegExp(`^error: You can't change ${key}: /etc/mim/config\\.json sets`));
    assertEquals(more, undefined);
  }
  assertEquals([ada.name, ada.state], ["ada", "online"]);
  assert(screen.context.settings.bell);
  await screen.type("/set joins on");
  assertEquals(screen.context.settings.joins, "on");
});

Deno.test("locked: the window says so, and changes nothing", async () => {
  const network = new FakeNetwork().host("198.18.0.1");
  const server = { hostname: "192.0.2.1", port: 4242 };
  await using messenger = new Messenger({ name: "ada", server, network });
  const profile = new Profile(undefined, {}, "a test", false, SYSTEM);
  const state = new WindowState(messenger, new MessageArchive(profile, () => {}));
  const logins: string[] = [];
  const loginProblem = () => state.loginProblem?.text ?? "";
  const handler = new RequestHandler(state, profile, (name, at) => {
    logins.push(`${name}@${at}`);
    return Promise.resolve();
  });
  const unknownCallers = messenger.calls.unknownCallers;
  const requests: readonly Request[] = [
    { type: "set-setting", key: "strangers", value: "refuse" },
    { type: "set-setting", key: "seen", value: "on" },
    { type: "login", name: "eve", server: "" },
    { type: "login", name: "ada", server: "192.0.2.9" },
    { type: "login", name: "ada", server: `mim://192.0.2.1#${"0".repeat(64)}` },
  ];
  for (const request of requests) {
    const problems: string[] = [];
    await handler.handle(request, (answer) => {
      if (answer.type === "problem") problems.push(answer.text);
    });
    assertMatch(problems[0] ?? loginProblem(), /^You can't change \w+: \/etc\/mim/);
  }
  assertEquals([logins, messenger.calls.unknownCallers, messenger.sharesSeen], [
    [],
    unknownCallers,
    false,
  ]);
  for (const at of ["", "192.0.2.1"]) {
    await handler.handle({ type: "login", name: "ada", server: at }, () => {});
  }
  assertEquals(logins, ["ada@", "ada@192.0.2.1"]);
  state.close();
});
