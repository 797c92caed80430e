/**
 * Opens so many connections a second to a client's port and says nothing over them, until it is killed:
 * `half_open_caller.ts HOST PORT PER_SECOND`. Says each second how many it has opened.
 *
 * @module
 */

const [hostname = "", port = "", perSecond = ""] = Deno.args;
const start = performance.now();
let begun = 0;
let opened = 0;

/** Holds a connection until the other end closes it. */
async function open(): Promise<void> {
  try {
    using connection = await Deno.connect({ hostname, port: Number(port) });
    opened++;
    while (await connection.read(new Uint8Array(64)) !== null);
  } catch {
    // It was closed at once.
  }
}

setInterval(() => {
  const due = Math.floor((performance.now() - start) / 1_000 * Number(perSecond));
  for (; begun < due; begun++) void open();
}, 10);
setInterval(() => console.log(`opened ${opened}`), 1_000);
