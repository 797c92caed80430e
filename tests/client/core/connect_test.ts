import { assertEquals, assertRejects } from "@std/assert";
import { connect, type MessengerOptions } from "../../../client/core/mod.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import { assertRefused } from "../../helpers/test_user.ts";

function optionsFor(env: TestEnvironment, name: string): Omit<MessengerOptions, "server"> {
  const { address, network } = env.machine();
  return { name, network, listen: { hostname: address } };
}

Deno.test("connect() logs in at a host:port, and at both apart", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  await using ada = await connect(`${at.hostname}:${at.port}`, optionsFor(env, "ada"));
  await using bob = await connect(at, optionsFor(env, "bob"));
  assertEquals([ada.state, bob.state], ["online", "online"]);
  const eve = optionsFor(env, "eve");
  await assertRejects(() => connect("host:port:4242", eve), SyntaxError, "expected");
});

Deno.test("connect() leaves nothing open if the login fails, is given up or takes too long", async () => {
  await using env = TestEnvironment.fake();
  const silent = env.listen((wire) => wire.hung());
  const options = optionsFor(env, "ada");
  await assertRefused("server-unreachable", () => connect({ ...silent, port: 1 }, options));
  await assertRejects(
    () => connect(silent, { ...options, loginTimeoutMs: 1 }),
    DOMException,
    "timeout",
  );
  const controller = new AbortController();
  const connecting = connect(silent, { ...options, signal: controller.signal });
  controller.abort(new RangeError("enough"));
  await assertRejects(() => connecting, RangeError, "enough");
});

Deno.test("a messenger's listeners get events with their fields, until a signal removes them", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [ada, bob] = await env.online(at, "ada", "bob");
  const controller = new AbortController();
  const heard: unknown[] = [];
  bob.addEventListener("message", (event) => {
    heard.push([event.type, event.chat.name, event.message.text, event.target === bob]);
  }, { signal: controller.signal });
  const chat = await ada.call("bob");
  await chat.send("one");
  await bob.saw("message", { text: "one" });
  controller.abort();
  await chat.send("two");
  await bob.saw("message", { text: "two" });
  assertEquals(heard, [["message", "ada", "one", true]]);
});

Deno.test("waitFor() waits for the event that is meant, until a time or a signal ends it", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [ada, bob] = await env.online(at, "ada", "bob");
  const second = bob.waitFor("message", {
    where: ({ message }) => message.text.startsWith("two"),
    timeoutMs: 60_000,
  });
  await (await ada.call("bob")).send("one\ntwo");
  assertEquals((await second).message.text, "two");
  await assertRejects(() => bob.waitFor("message", { timeoutMs: 1 }), DOMException, "in time");
  const signal = AbortSignal.abort(new RangeError("enough"));
  await assertRejects(() => bob.waitFor("message", { signal }), RangeError, "enough");
});
