/** `send` hands a text to nobody whose name nothing confirms: nobody looks at what it says. */

import { assertEquals, assertMatch } from "@std/assert";
import { exitCodeOf } from "../../../client/app/exit_codes.ts";
import { describeError } from "../../../client/app/mod.ts";
import { sendCommand } from "../../../client/cli/send_command.ts";
import { testKey } from "../../fixtures/keys.ts";
import { TableServer } from "../../helpers/table_server.ts";
import type { Row } from "../../helpers/table_user.ts";
import { assertRefused } from "../../helpers/test_user.ts";

const LIES: Readonly<Record<string, (row: Row) => Row>> = {
  "whose key somebody on the way has changed": (row) => ({ ...row, identity: testKey(9) }),
  "whose certificate somebody on the way has stripped": (row) => ({
    ...row,
    certificate: undefined,
  }),
  "whose certificate is of another name": (row) => ({ ...row, name: "bert" }),
};

for (const [what, lie] of Object.entries(LIES)) {
  Deno.test(`send: to somebody ${what} nothing is sent: exit 6`, async () => {
    await using server = new TableServer();
    const bob = await server.user("bob");
    const ada = server.offlineUser("ada");
    ada.lie = lie;
    const to = what.endsWith("another name") ? "bert" : "bob";
    const error = await assertRefused("peer-unconfirmed", () => sendCommand(ada, to, ["secret"]));
    assertEquals(exitCodeOf(error.code), 6);
    assertMatch(error.message, new RegExp(`^nothing confirms that this is ${to}: `));
    assertMatch(describeError(error, "command"), new RegExp(`${to}#FINGERPRINT$`));
    assertEquals([bob.events.all, ada.trust.contacts], [[], []]);
  });
}

Deno.test("send: a whole key behind the name needs no certificate, and means that key alone", async () => {
  await using server = new TableServer();
  const bob = await server.user("bob", { isCertified: false });
  bob.calls.unknownCallers = "allow-unconfirmed";
  const ada = server.offlineUser("ada");
  const other = testKey(9).toHex();
  await assertRefused("not-online", () => sendCommand(ada, `bob#${other}`, ["hi"]));
  await ada.quit();
  const again = server.offlineUser("ada");
  assertEquals(await sendCommand(again, `BOB#${bob.identity.toHex().toUpperCase()}`, ["hi"]), 0);
  await bob.saw("message", { text: "hi" });
});

Deno.test("send: a pin needs no certificate", async () => {
  await using server = new TableServer();
  const bob = await server.user("bob", { isCertified: false, key: testKey(8) });
  bob.calls.unknownCallers = "allow-unconfirmed"; // the server tells bob of ada too late
  const ada = server.offlineUser("ada");
  await server.pin(ada, "bob", testKey(8));
  assertEquals(await sendCommand(ada, "bob", ["hi"]), 0);
  await bob.saw("message", { text: "hi" });
});
