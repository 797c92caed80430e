/**
 * Keeps messages in a history, as a client does: `writer.ts PATH NAME COUNT`. Without a count it
 * goes on until it is killed, and says how many are written.
 *
 * @module
 */

import { History } from "../../../../client/storage/history/history.ts";

const [path = "", name = "", count] = Deno.args;
const history = await History.open(path, (text) => console.log(`note ${text}`));
for (let index = 0; count === undefined || index < Number(count); index++) {
  const peer = { name, address: "192.0.2.7:40001" };
  history?.append({ peer, type: "sent", text: `message ${index}`, at: index });
  if (index % 20 !== 0) continue;
  await new Promise((resolve) => setTimeout(resolve, 0));
  if (count === undefined && history?.last(name, 1).at(-1)?.at === index) {
    console.log(`written ${index + 1}`);
  }
}
await history?.close();
