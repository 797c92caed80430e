import { assertEquals } from "@std/assert";
import { EventBus } from "../../../client/core/event_bus.ts";
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

Deno.test("event bus: a listener that throws is reported, and the others hear the event", () => {
  const events = new EventBus();
  const reported: unknown[] = [];
  const heard: string[] = [];
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    reported.push(event.error.message);
  };
  addEventListener("error", onError);
  try {
    events.onAny(() => {
      throw new Error("a fault");
    });
    events.onAny(({ type }) => heard.push(type));
    events.emit({ type: "logged-out" });
  } finally {
    removeEventListener("error", onError);
  }
  assertEquals([reported, heard], [["a fault"], ["logged-out"]]);
});
