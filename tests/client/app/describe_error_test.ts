import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { describeError, type Face } from "../../../client/app/describe_error.ts";
import { ClientError } from "../../../client/core/mod.ts";
import { byeReasons, refusalCodes } from "../../../protocol/mod.ts";

const server = { hostname: "mim.example", port: 4242 };
const end = { type: "rejected", code: refusalCodes["name taken"], text: "" } as const;
const keys = { oldKey: new Uint8Array(32), newKey: new Uint8Array(32).fill(1) };

const ERRORS: readonly ClientError[] = [
  new ClientError("server-unreachable", { server, reason: "nothing listens there" }),
  new ClientError("server-refused", { server, name: "ada", end }),
  new ClientError("server-refused", { server, name: "ada", end: { type: "closed" } }),
  new ClientError("protocol-error", {
    server,
    name: "ada",
    end: { type: "no-answer", seconds: 10 },
  }),
  new ClientError("cannot-listen", { hostname: undefined, port: 1, reason: "it is in use" }),
  new ClientError("invalid-name", { name: "", reason: "expected a name" }),
  new ClientError("invalid-state", { reason: "not-logged-in-yet", retrying: false }),
  new ClientError("invalid-state", { reason: "compared-key-gone", name: "bob" }),
  new ClientError("not-online", { reason: "no-other-key", name: "bob" }),
  new ClientError("peer-unreachable", {
    name: "bob",
    address: "::1",
    port: 1,
    reason: "no answer",
  }),
  new ClientError("chat-closed", { reason: "closed", name: "bob" }),
  new ClientError("server-key-mismatch", { server, ...keys }),
  new ClientError("peer-key-mismatch", { reason: "key-changed", name: "bob" }),
  new ClientError("peer-key-mismatch", { reason: "key-missing", name: "bob" }),
  new ClientError("peer-key-mismatch", { reason: "namesake", name: "bob", hasKey: true }),
  new ClientError("peer-key-mismatch", { reason: "other-letters", name: "bоb", contact: "bob" }),
  new ClientError("invalid-state", { reason: "other-letters", name: "bоb", contact: "bob" }),
  new ClientError("peer-key-mismatch", { reason: "other-key-answered", name: "bob" }),
  new ClientError("call-rejected", {
    name: "bob",
    ownName: "ada",
    reason: byeReasons["other key"],
  }),
  new ClientError("delisted", { server }),
];

for (const error of ERRORS) {
  const { reason = "" } = error.details as { readonly reason?: string };
  Deno.test(`describe error: ${error.code} ${reason} names only what the face has`, () => {
    assertNotMatch(error.message, /(^|\s)\/[a-z]+|--[a-z]+/, "the core names no command");
    for (const face of ["terminal", "command", "window"] satisfies Face[]) {
      const text = describeError(error, face);
      assertMatch(text, /^[^;]+(; .*)?[^.\s]$/);
      if (face === "window") assertNotMatch(text, /(^|\s)\/[a-z]+/);
    }
  });
}

Deno.test("describe error: an error of no code of ours is shown as it is", () => {
  assertEquals(describeError(new SyntaxError("expected a name"), "window"), "expected a name");
});

Deno.test("error: a call with another key than a contact had says what to do", () => {
  const reason = { reason: "pinned-to-other-key", name: "bob", other: "bob" } as const;
  const details = { name: undefined, address: "192.0.2.7", reason, others: 0 } as const;
  assertEquals(
    describeError(new ClientError("call-failed", details), "terminal"),
    "A call from 192.0.2.7 failed: it says that it is bob, with another key than bob had before; " +
      "ask bob by another way and compare with /verify bob, then /trust bob takes the new key",
  );
});
