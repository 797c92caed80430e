/**
 * A worker that serves clients until it is told to die, or to answer no more.
 *
 * @module
 */

import { serveClients } from "../../../server/workers/mod.ts";
import { FATE_CHANNEL } from "./fate.ts";

serveClients();
const channel = new BroadcastChannel(FATE_CHANNEL);
let isDone = false;
channel.onmessage = ({ data }) => {
  if (isDone) return;
  isDone = true;
  if (data === "hang") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  throw new Error("it was told to die");
};
