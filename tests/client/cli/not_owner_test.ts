/** A name that belongs to a key means its owner, also while somebody without a key uses it. */

import { assertEquals, assertMatch } from "@std/assert";
import { exitCodeOf } from "../../../client/app/exit_codes.ts";
import { chatWarning } from "../../../client/app/mod.ts";
import { sendCommand } from "../../../client/cli/send_command.ts";
import { waitCommand } from "../../../client/cli/wait_command.ts";
import { MemoryStore } from "../../../client/core/mod.ts";
import { recordOf } from "../../../client/terminal/render/record.ts";
import { newIdentity } from "../../fixtures/keys.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import { assertRefused } from "../../helpers/test_user.ts";

/** The owner of the name has been there and is offline, and a classic client has logged in with it. */
async function squat(env: TestEnvironment, data: string) {
  const { at } = env.serve({ data });
  const identity = newIdentity();
  const owner = env.user("bob", at, undefined, { identity });
  await owner.login();
  await owner.quit();
  const squatter = env.user("bob", at);
  await squatter.login();
  const online = (name: string) => env.user(name, at, undefined, { identity: newIdentity() });
  return { at, identity, squatter, online };
}

Deno.test("not the owner: send and wait give a classic user nothing under a name that belongs to a key", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at, identity, squatter, online } = await squat(env, folder.path);
  const error = await assertRefused(
    "peer-unconfirmed",
    () => sendCommand(online("ada"), "bob", ["secret"]),
  );
  assertEquals(exitCodeOf(error.code), 6);
  assertMatch(error.message, /^this is not the owner of the name bob: /);
  await assertRefused("not-online", () => waitCommand(online("carol"), "bob", 0));
  assertEquals(squatter.events.all.filter(({ event }) => /chat|message|call/.test(event)), []);
  const [named] = [...squatter.users].filter(({ own }) => own);
  assertEquals(await sendCommand(online("dave"), `bob@${named?.address}`, ["hi"]), 0);
  await squatter.saw("message", { text: "hi" });
  const owner = env.user("bob", at, undefined, { identity });
  await owner.login();
  assertEquals(await waitCommand(online("erin"), "bob", 0), 0);
});

Deno.test("not the owner: what is queued for a known owner waits for that one alone", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at } = env.serve({ data: folder.path });
  const key = { identity: newIdentity() };
  const owner = env.user("bob", at, undefined, key);
  await owner.login();
  const store = new MemoryStore();
  const own = { identity: newIdentity(), store };
  const ada = env.user("ada", at, undefined, own);
  await ada.login();
  const chat = await ada.chats.call(await ada.users.find("bob"));
  await (await chat.send("hi")).delivered;
  await ada.quit();
  await owner.quit();
  const squatter = env.user("bob", at);
  await squatter.login();
  const again = env.user("ada", at, undefined, own);
  assertEquals(await sendCommand(again, "bob", ["secret"], { queues: true }), 0);
  assertEquals(again.outbox.map(({ text }) => text), ["secret"]);
  assertEquals(squatter.events.all.filter(({ event }) => /chat|message|call/.test(event)), []);
});

Deno.test("not the owner: its calls wait, and its chat and events say what it is", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { squatter, online } = await squat(env, folder.path);
  const ada = online("ada");
  ada.calls.unknownCallers = "allow-unconfirmed";
  await ada.login();
  await ada.saw("online", { name: "bob" });
  await (await squatter.chats.call(await squatter.users.find("ada"))).send("hello");
  const { caller } = await ada.saw("incoming-call");
  assertEquals(caller.doubt, { reason: "key-missing", contact: "bob" });
  const chat = await caller.accept();
  assertEquals(chat.isNotOwner, true);
  assertMatch(chatWarning(ada, chat) ?? "", /^this is not the owner of the name bob: /);
  assertEquals(recordOf({ type: "chat-opened", chat }).security, "not-owner");
});
