/**
 * Uses a store as a client does: `user.ts PATH NAME COUNT` queues so many messages, takes in as many
 * that others may take in too, and says how many of those were new.
 *
 * @module
 */

import { SqliteStore } from "../../../../client/storage/contacts/sqlite_store.ts";
import { incoming, outgoing } from "./temp_store.ts";

const [path = "", name = "", count] = Deno.args;
const store = await SqliteStore.open(path, { alarm: (text) => console.log(`alarm ${text}`) });
let taken = 0;
for (let index = 0; index < Number(count); index++) {
  await store.queue([outgoing(`${name} ${index}`)]);
  if (await store.receive(incoming(String(index))) === "inserted") taken++;
}
store.close();
console.log(`new ${taken}`);
