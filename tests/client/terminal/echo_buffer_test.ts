import { PublicKey } from "../../../client/core/mod.ts";
import { assertEquals } from "@std/assert";
import type { Message } from "../../../client/core/mod.ts";
import type { ClientEvent } from "../../../client/app/events.ts";
import { EchoBuffer } from "../../../client/terminal/echo_buffer.ts";
import { FakeTime } from "../../helpers/time.ts";
import { chatWith, messageSaying } from "../../fixtures/events.ts";

const chat = chatWith("bob");

function message(text: string, time = Date.now()): Message {
  return messageSaying(text, {
    time,
    direction: "outgoing",
    identity: new PublicKey(new Uint8Array(32)),
  });
}

function sent(message: Message): ClientEvent {
  return { type: "sent", chat, message };
}

function delivered(message: Message): ClientEvent {
  return { type: "delivered", message };
}

/** What is shown of events, in order. */
class Shown {
  readonly lines: string[] = [];
  readonly buffer = new EchoBuffer(({ message: { text } }, isDelivered) =>
    this.lines.push(isDelivered ? text : `${text}?`)
  );

  tell(...events: ClientEvent[]): void {
    for (const event of events) {
      if (!this.buffer.takes(event)) this.lines.push(event.type);
    }
  }
}

Deno.test("echo: a message that is delivered at once is one line", () => {
  using _ = new FakeTime();
  const shown = new Shown();
  const [a, b] = [message("a"), message("b")];
  shown.tell(sent(a), sent(b), delivered(a));
  assertEquals(shown.lines, ["a"]);
  shown.tell(delivered(b));
  assertEquals(shown.lines, ["a", "b"]);
});

Deno.test("echo: one that takes longer is shown without that, and its delivery later", async () => {
  using time = new FakeTime();
  const shown = new Shown();
  const a = message("a");
  shown.tell(sent(a));
  await time.pass(299);
  assertEquals(shown.lines, []);
  await time.pass(1);
  assertEquals(shown.lines, ["a?"]);
  shown.tell(delivered(a));
  assertEquals(shown.lines, ["a?", "delivered"]);
});

Deno.test("echo: a message that has waited is not shown again when it is sent", () => {
  using _ = new FakeTime();
  const shown = new Shown();
  const a = message("a");
  shown.tell({ type: "queued", message: a }, sent(a));
  shown.tell(delivered(a));
  assertEquals(shown.lines, ["queued", "delivered"]);
});

Deno.test("echo: the delivery of one that has waited since an earlier run is shown by itself", () => {
  using _ = new FakeTime();
  const shown = new Shown();
  const a = message("a", Date.now() - 3_600_000);
  shown.tell(sent(a), delivered(a));
  assertEquals(shown.lines, ["delivered"]);
});

Deno.test("echo: nothing is held if a chat ends, or in a classic chat", () => {
  using _ = new FakeTime();
  const shown = new Shown();
  shown.tell(sent(messageSaying("classic", { direction: "outgoing" })));
  shown.tell(sent(message("a")), { type: "chat-closed", chat, by: "lost" });
  assertEquals(shown.lines, ["sent", "a?", "chat-closed"]);
});
