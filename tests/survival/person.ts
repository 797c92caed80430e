/**
 * Talks to somebody until it is killed, as a client does that keeps a history and a key:
 * `person.ts FOLDER NAME PORT PEER RUN`. Says `kept TEXT` of each message that is in its outbox or was
 * sent. Without a RUN it sends nothing, and says `empty` each time its outbox has become empty.
 *
 * @module
 */

import { Messenger } from "../../client/core/mod.ts";
import { MessageArchive } from "../../client/app/message_archive.ts";
import { openAccount } from "../../client/storage/identity/open_account.ts";
import { Profile } from "../../client/storage/profile.ts";
import { toClientEvent } from "../../client/app/events.ts";

/** So many messages may wait at once. */
const WAITING = 20;

const [folder = "", name = "", port = "", peer = "", run] = Deno.args;
const server = { hostname: "127.0.0.1", port: Number(port) };
const profile = new Profile(folder);
const say = (text: string) => console.log(`error ${text}`);
const memory = new MessageArchive(profile, say);
await memory.open();
const { identity, store } = await openAccount({
  profile,
  classic: false,
  alarm: say,
  keep: (message) => memory.keepIncoming(message, server),
});
const messenger = new Messenger({ name, server, identity, store, reconnect: true });
messenger.subscribe((event) => {
  memory.keep(toClientEvent(event, "command"), server);
  if (event.type === "sent") console.log(`kept ${event.message.text}`);
  if (event.type === "queued") console.log(`kept ${event.message.text}`);
});
await messenger.login();
console.log("ready");

let count = 0;
for (;;) {
  const user = [...messenger.users].find((user) => user.name === peer);
  const pin = messenger.trust.contacts.find((pin) => pin.name === peer);
  const wants = run === undefined ? messenger.outbox.length > 0 : messenger.outbox.length < WAITING;
  if (run === undefined && !wants) console.log("empty");
  try {
    const chat = user !== undefined && wants
      ? await messenger.chats.call(user)
      : pin && messenger.chats.with(pin);
    if (run !== undefined && wants && chat !== undefined) {
      void chat.send(`${name} ${run} ${count++}`).catch(() => {});
    }
  } catch {
    // The peer has just been killed.
  }
  await new Promise((resolve) => setTimeout(resolve, run === undefined ? 50 : 3));
}
