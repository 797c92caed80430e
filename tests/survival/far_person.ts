/**
 * Somebody a tenth of a second away who logs in, calls a user and says something:
 * `far_person.ts HOST PORT NAME PEER TEXT`. Says `delivered`, or `failed` and why.
 *
 * @module
 */

import { Identity, Messenger } from "../../client/core/mod.ts";
import { systemNetwork } from "../../server/mod.ts";
import { farAway } from "../helpers/far_network.ts";

const [hostname = "", port = "", name = "", peer = "", text = ""] = Deno.args;
const messenger = new Messenger({
  name,
  server: { hostname, port: Number(port) },
  network: farAway(systemNetwork),
  identity: Identity.generate(),
});
try {
  await messenger.login();
  const user = await messenger.users.find(peer, { timeoutMs: 30_000 });
  const message = await (await messenger.chats.call(user)).send(text);
  await message.delivered;
  console.log("delivered");
} catch (error) {
  console.log(`failed ${error instanceof Error ? error.message : error}`);
}
await messenger.quit();
