import { assertEquals } from "@std/assert";
import { EventBus } from "../../../client/core/event_bus.ts";
import { MessengerEventTarget } from "../../../client/core/messenger_event_target.ts";
import type { OnlineUser } from "../../../client/core/online_user.ts";

const ada: OnlineUser = { name: "ada", address: "192.0.2.1", port: 4000, id: 1, own: false };

Deno.test("event bus: a listener hears its type alone, until it is removed", () => {
  const events = new EventBus();
  const heard: string[] = [];
  const remove = events.on("online", ({ user }) => heard.push(user.name));
  events.emit({ type: "online", user: ada });
  events.emit({ type: "offline", user: ada });
  remove();
  events.emit({ type: "online", user: ada });
  assertEquals(heard, ["ada"]);
});

Deno.test("event bus: internal events do not reach those who listen to all public ones", () => {
  const events = new EventBus();
  const heard: string[] = [];
  events.onAny(({ type }) => heard.push(type));
  events.on("user-reachable", ({ type }) => heard.push(`internal ${type}`));
  events.emit({ type: "user-reachable", user: ada });
  events.emit({ type: "logged-out" });
  assertEquals(heard, ["internal user-reachable", "logged-out"]);
});

/** What throws, and what rejects. */
const FAULTS: Readonly<Record<string, () => unknown>> = {
  throws: () => {
    throw new Error("a fault");
  },
  rejects: () => Promise.reject(new Error("a fault")),
};

for (const [how, fail] of Object.entries(FAULTS)) {
  Deno.test(`event bus: a listener that ${how} is reported as an error event, and the others hear the event`, async () => {
    const events = new EventBus();
    const heard: string[] = [];
    events.onAny(fail);
    events.onAny((event) => heard.push(event.type === "error" ? event.error.message : event.type));
    events.emit({ type: "logged-out" });
    events.emit({ type: "logged-out" });
    await Promise.resolve();
    assertEquals(heard.toSorted(), [
      "an event (logged-out) could not be handled: a fault",
      "logged-out",
      "logged-out", // the second fault is counted: who causes it can do so any number of times
    ]);
  });
}

Deno.test("event target: a listener that throws or rejects ends nothing, once or added twice", async () => {
  const bus = new EventBus();
  const target = new MessengerEventTarget(bus);
  const errors: unknown[] = [];
  target.addEventListener("error", ({ error }) => errors.push(error.code));
  target.addEventListener("logged-out", FAULTS.throws ?? null);
  target.addEventListener("logged-out", { handleEvent: FAULTS.rejects ?? (() => {}) });
  let count = 0;
  const counts = () => count++;
  target.addEventListener("logged-out", counts);
  target.addEventListener("logged-out", counts);
  bus.emit({ type: "logged-out" });
  target.removeEventListener("logged-out", counts);
  bus.emit({ type: "logged-out" });
  await Promise.resolve();
  assertEquals([errors, count], [["listener-failed"], 1]);
});

Deno.test("event bus: a listener that fails at the report of its fault is not told again", () => {
  const events = new EventBus();
  let calls = 0;
  events.onAny(() => {
    calls++;
    throw new Error("a fault");
  });
  events.emit({ type: "logged-out" });
  assertEquals(calls, 2);
});
