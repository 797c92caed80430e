/** Ignoring people from the window's menus. */

import { assertEquals } from "@std/assert";
import { MessageArchive } from "../../../../client/app/mod.ts";
import { Profile } from "../../../../client/storage/mod.ts";
import { RequestHandler } from "../../../../client/window/api/request_handler.ts";
import type { RequestResult } from "../../../../client/window/messages.ts";
import { WindowState } from "../../../../client/window/state/mod.ts";
import { identityOf } from "../../../../protocol/mod.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { TableServer } from "../../../helpers/table_server.ts";

Deno.test("window: a contact who is offline is ignored by name and key, and online at the address, too", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  await server.pin(ada, "cyd", testKey(9));
  ada.logout();
  await ada.login();
  const bob = await server.user("bob", { key: testKey(8) });
  const profile = new Profile(undefined, {}, "a test");
  const state = new WindowState(ada, new MessageArchive(profile, () => {}));
  const handler = new RequestHandler(state, profile, () => Promise.resolve());
  const { users } = state.snapshot;
  const answers: RequestResult[] = [];
  for (const name of ["cyd", "bob"]) {
    const id = users.find((user) => user.name === name)?.id ?? 0;
    await handler.handle({ type: "ignore", target: "user", id }, (answer) => answers.push(answer));
  }
  assertEquals(answers, []);
  assertEquals(ada.calls.ignored.map(({ name, address, key }) => ({ name, address, key })), [
    { name: "cyd", address: undefined, key: identityOf(testKey(9)).toHex() },
    { name: "bob", address: bob.address, key: identityOf(testKey(8)).toHex() },
  ]);
  assertEquals(state.snapshot.info.slice(-2).map(({ text }) => text), [
    "You ignore cyd",
    `You ignore bob at ${bob.address}`,
  ]);
  state.close();
});
