/**
 * Opens a history for each path on stdin, keeps one message there, and closes it. Says what it was
 * told, or `done`.
 *
 * @module
 */

import { History } from "../../../../client/storage/history/history.ts";
import { stdinLines } from "../../../../client/terminal/frontend.ts";

for await (const path of stdinLines()) {
  const history = await History.open(path, (text) => console.log(`note ${text}`));
  const peer = { name: "bob", address: "192.0.2.7:40001" };
  history?.append({ peer, type: "sent", text: "hello", at: 0 });
  await history?.close();
  console.log("done");
}
