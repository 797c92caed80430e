/**
 * Is in a room until it is killed: `room_member.ts FOLDER NAME PORT GUEST RUN`. Whoever has a GUEST makes the
 * room and invites that one; whoever has none joins what it is invited to. Says `kept TEXT` of each message
 * that is stored. Without a RUN it says nothing in the room, and prints `list TEXT…` whenever that changes.
 *
 * @module
 */

import { loadIdentity, Messenger, openStore, type Room } from "../../mod.ts";

/** How much one run says: however slow the machine is, the lists stay short enough to be told whole. */
const MAX_SAID = 15;

const [folder = "", name = "", port = "", guest = "", run] = Deno.args;
const server = { hostname: "127.0.0.1", port: Number(port) };
const identity = await loadIdentity(folder);
const store = await openStore(folder, (text) => console.log(`error ${text}`));
const messenger = new Messenger({ name, server, identity, store, reconnect: true });
messenger.addEventListener("room-sent", ({ message }) => console.log(`kept ${message.text}`));
messenger.addEventListener("error", ({ error }) => {
  if (error.is("storage-failed")) console.log(`error ${error.message}`);
});
await messenger.login();
console.log("ready");

let before = "";
for (
  let count = 0;;
  await new Promise((resolve) => setTimeout(resolve, run === undefined ? 1000 : 40))
) {
  try {
    const room = await ownRoom();
    if (room?.state === "invited") await room.join();
    const speaks = room?.state === "joined" && run !== undefined && count < MAX_SAID;
    if (speaks) await room.send(`${name} ${run} ${count++}`);
    if (run === undefined && room !== undefined) await tellList(room);
  } catch (error) {
    console.log(`failed ${error}`);
  }
}

/** The room; whoever makes it invites the guest as soon as that one is online. */
async function ownRoom(): Promise<Room | undefined> {
  const [room] = messenger.rooms.all;
  if (guest === "") return room;
  const made = room ?? await messenger.rooms.create("lab");
  const row = [...messenger.users].find((user) => user.name === guest);
  if (row !== undefined && made.members.length < 2) await made.invite(row);
  return made;
}

async function tellList(room: Room): Promise<void> {
  const items = await room.history({ most: 100_000 });
  const texts = items.flatMap((item) => item.type === "message" ? [item.text] : []);
  const list = texts.join(",");
  if (list !== before) console.log(`list ${list}`);
  before = list;
}
