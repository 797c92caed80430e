import { assertEquals } from "@std/assert";
import type { PastEvent } from "../../../client/app/events.ts";
import { Scrollback } from "../../../client/terminal/scrollback.ts";
import { chatWith, messageSaying } from "../../fixtures/events.ts";

const bob = chatWith("bob");

function past(text: string, what: PastEvent["what"] = "received"): PastEvent {
  return { type: "past", name: "bob", what, text, at: 0, among: "chat" };
}

Deno.test("on screen: a message is there until others have scrolled it off", () => {
  const screen = new Scrollback(() => 24);
  screen.printed(["[09:07] bob: hi"], 80, {
    type: "message",
    chat: bob,
    message: messageSaying("hi"),
  });
  assertEquals([screen.has(past("hi")), screen.has(past("hi", "sent"))], [true, false]);
  const note = { type: "note", text: "" } as const;
  for (let row = 0; row < 9; row++) screen.printed(["x".repeat(90)], 80, note);
  assertEquals(screen.has(past("hi")), true);
  screen.printed(["x", "x"], 80, note);
  assertEquals(screen.has(past("hi")), false);
  screen.printed(["[09:07] bob: hi"], 80, past("hi"));
  assertEquals(screen.has(past("hi")), true);
  screen.clear();
  assertEquals(screen.has(past("hi")), false);
});
