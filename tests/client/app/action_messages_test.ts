import { assertEquals } from "@std/assert";
import { describeWaiting } from "../../../client/app/mod.ts";

Deno.test("outbox: what waits is named by what it does", () => {
  const target = { id: "00", direction: "outgoing" } as const;
  const lines = (["edit", "delete", "react", "unreact"] as const).map((type) =>
    describeWaiting({ text: type === "delete" ? "" : "👍", action: { type, target } })
  );
  assertEquals([...lines, describeWaiting({ text: "hello" })], [
    "edit of a message: 👍",
    "request to delete a message",
    "reaction 👍",
    "end of the reaction 👍",
    "hello",
  ]);
});
