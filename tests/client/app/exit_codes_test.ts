import { assertEquals, assertStringIncludes } from "@std/assert";
import type { ClientErrorCode } from "../../../client/core/mod.ts";
import { EXIT, exitCodeOf } from "../../../client/app/exit_codes.ts";
import { CLIENT_HELP } from "../../../client/cli/options.ts";

/** Scripts rely on these numbers. */
const CODES: Readonly<Record<ClientErrorCode, number>> = {
  "invalid-state": 1,
  "invalid-name": 2,
  "cannot-listen": 2,
  "server-unreachable": 3,
  "server-refused": 4,
  "protocol-error": 4,
  "not-online": 5,
  "peer-unreachable": 5,
  "ignored": 5,
  "server-key-mismatch": 4,
  "peer-key-mismatch": 5,
  "chat-closed": 6,
  "peer-unconfirmed": 6,
  "send-failed": 6,
  "storage-failed": 6,
  "transfer-failed": 6,
  "chat-failed": 6,
  "room-failed": 6,
  "call-rejected": 5,
  "classic-server": 4,
  "reconnect-failed": 4,
  "call-failed": 1,
  "delisted": 1,
  "server-complaint": 1,
  "order-refused": 4,
  "listener-failed": 1,
};

for (const [code, expected] of Object.entries(CODES) as [ClientErrorCode, number][]) {
  Deno.test(`exit: ${code} is ${expected}`, () => {
    assertEquals(exitCodeOf(code), expected);
  });
}

Deno.test("exit: the numbers of all else", () => {
  assertEquals({ ...EXIT }, {
    done: 0,
    unexpected: 1,
    usage: 2,
    serverUnreachable: 3,
    refused: 4,
    notOnline: 5,
    notDelivered: 6,
    interrupted: 130,
    terminated: 143,
  });
});

Deno.test("exit: the help tells every number", () => {
  const told = CLIENT_HELP.slice(CLIENT_HELP.indexOf("Exit codes:"));
  for (const code of Object.values(EXIT)) assertStringIncludes(told, String(code));
});
