import { assertEquals } from "@std/assert";
import type { ClientEvent } from "../../../client/app/events.ts";
import { EchoBuffer } from "../../../client/terminal/echo_buffer.ts";
import { FakeTime } from "../../helpers/time.ts";
import { chatWith } from "../../fixtures/events.ts";

const chat = chatWith("bob");

function message(id: string, at = Date.now()) {
  return { id, name: "bob", server: "aa", identity: new Uint8Array(32), text: id, at };
}

function sent(id: string): ClientEvent {
  return { type: "sent", chat, text: id, id };
}

/** What is shown of events, in order. */
class Shown {
  readonly lines: string[] = [];
  readonly deliveries = new EchoBuffer(({ text }, arrived) =>
    this.lines.push(arrived ? text : `${text}?`)
  );

  tell(...events: ClientEvent[]): void {
    for (const event of events) {
      if (!this.deliveries.takes(event)) this.lines.push(event.type);
    }
  }
}

Deno.test("deliveries: what arrives at once is one line", () => {
  using _ = new FakeTime();
  const shown = new Shown();
  shown.tell(sent("a"), sent("b"), { type: "delivered", message: message("a") });
  assertEquals(shown.lines, ["a"]);
  shown.tell({ type: "delivered", message: message("b") });
  assertEquals(shown.lines, ["a", "b"]);
});

Deno.test("deliveries: what does not is shown as that, and told of later", async () => {
  using time = new FakeTime();
  const shown = new Shown();
  shown.tell(sent("a"));
  await time.pass(299);
  assertEquals(shown.lines, []);
  await time.pass(1);
  assertEquals(shown.lines, ["a?"]);
  shown.tell({ type: "delivered", message: message("a") });
  assertEquals(shown.lines, ["a?", "delivered"]);
});

Deno.test("deliveries: what has waited is not shown again when it is sent", () => {
  using _ = new FakeTime();
  const shown = new Shown();
  shown.tell({ type: "queued", message: message("a") }, sent("a"));
  shown.tell({ type: "delivered", message: message("a") });
  assertEquals(shown.lines, ["queued", "delivered"]);
});

Deno.test("deliveries: what has waited since an earlier run is told of as that", () => {
  using _ = new FakeTime();
  const shown = new Shown();
  shown.tell(sent("a"), { type: "delivered", message: message("a", Date.now() - 3_600_000) });
  assertEquals(shown.lines, ["delivered"]);
});

Deno.test("deliveries: nothing is held where a chat ends, or in classic MIM", () => {
  using _ = new FakeTime();
  const shown = new Shown();
  shown.tell({ type: "sent", chat, text: "classic" });
  shown.tell(sent("a"), { type: "chat-closed", chat, by: "lost" });
  assertEquals(shown.lines, ["sent", "a?", "chat-closed"]);
});
