import { newIdentity } from "../fixtures/keys.ts";
import type { Chat, MessengerEvent } from "../../client/core/mod.ts";
import { Messenger } from "../../client/core/mod.ts";
import { initiateHandshake } from "../../client/core/peer/handshake.ts";
import type { SecureConnection } from "../../client/core/peer/secure_connection.ts";
import { MimServer, systemNetwork } from "../../server/mod.ts";
import type { Section } from "./report.ts";
import { percentile, summarize } from "./statistics.ts";
import { IdentityKeys } from "../../client/core/identity_keys.ts";

const HANDSHAKES = 200;
const ROUNDS = 5;
const MESSAGES = 2_000;
const LINKS = 1_000;
const TEXT = "x".repeat(100);
/** What a call, both ends, may take, and a message there and back, in milliseconds. */
const HANDSHAKE_GOAL = 5;
const MESSAGE_GOAL = 0.25;
/** What a link may take, in KiB. */
const MEMORY_GOAL = 97;

/** Chats between users with keys, on this machine, in one process: both ends of each count. */
export async function benchSecure(): Promise<Section> {
  const folder = Deno.makeTempDirSync();
  try {
    await using server = MimServer.listen({ hostname: "127.0.0.1", port: 0, data: folder });
    await using ada = user("ada", server.port);
    await using bob = user("bob", server.port);
    await bob.login();
    await ada.login();
    await ada.users.ready;
    const handshakes = await handshakeTimes(ada, bob);
    const rounds = await messageTimes(ada, bob);
    const memory = await memoryOfLinks(bob);
    const time = { unit: "ms", better: "less" } as const;
    return {
      title: `chats with keys, over loopback, both ends in one process; nothing on disk`,
      notes: [
        `a call: dialed, shaken hands and open at both ends, ${HANDSHAKES} after 20 that warm up`,
        `a message: kept, encrypted, decrypted and told, and so its answer; ${ROUNDS} rounds of ${MESSAGES}`,
        `memory: what the process grew by with ${LINKS} links, both ends of them`,
      ],
      figures: [
        { name: "a call, both ends", ...time, ...summarize(handshakes), goal: HANDSHAKE_GOAL },
        {
          name: "100 bytes there and back, p50",
          ...time,
          ...summarize(rounds.map((times) => percentile(times, 0.5))),
          goal: MESSAGE_GOAL,
        },
        {
          name: "100 bytes there and back, p99",
          ...time,
          ...summarize(rounds.map((times) => percentile(times, 0.99))),
        },
        {
          name: "memory for a link, both ends",
          unit: "KiB",
          better: "less",
          ...summarize([memory / 1024]),
          goal: MEMORY_GOAL,
        },
      ],
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function user(name: string, port: number): Messenger {
  return new Messenger({
    name,
    server: { hostname: "127.0.0.1", port },
    listen: { hostname: "127.0.0.1" },
    identity: newIdentity(),
  });
}

/** Resolves with the next event of this kind. */
function next<Kind extends MessengerEvent["type"]>(
  messenger: Messenger,
  type: Kind,
): Promise<Extract<MessengerEvent, { type: Kind }>> {
  return new Promise((resolve) => {
    const stop = messenger.subscribe((event) => {
      if (!isOf(event, type)) return;
      stop();
      resolve(event);
    });
  });
}

function isOf<Kind extends MessengerEvent["type"]>(
  event: MessengerEvent,
  type: Kind,
): event is Extract<MessengerEvent, { type: Kind }> {
  return event.type === type;
}

async function call(ada: Messenger): Promise<Chat> {
  const bob = [...ada.users].find(({ name }) => name === "bob");
  if (bob === undefined) throw new Error("expected bob to be online");
  return await ada.chats.call(bob);
}

async function handshakeTimes(ada: Messenger, bob: Messenger): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < HANDSHAKES + 20; count++) {
    const start = performance.now();
    const opened = next(bob, "chat-opened");
    const chat = await call(ada);
    await opened;
    times.push(performance.now() - start);
    const closed = next(bob, "chat-closed");
    await chat.close();
    await closed;
  }
  return times.slice(20);
}

/** How long each message took there and its answer back, round by round. */
async function messageTimes(ada: Messenger, bob: Messenger): Promise<number[][]> {
  const chat = await call(ada);
  if (chat.security === "classic") throw new Error("expected a chat with keys, got a classic one");
  const stop = bob.subscribe((event) => {
    if (event.type === "message") void event.chat.send(TEXT);
  });
  const rounds: number[][] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const times: number[] = [];
    for (let message = 0; message < MESSAGES; message++) {
      const start = performance.now();
      const answered = next(ada, "message");
      void chat.send(TEXT);
      await answered;
      times.push(performance.now() - start);
    }
    if (round > 0) rounds.push(times);
  }
  stop();
  await chat.close();
  return rounds;
}

/** What a link takes, both ends, in bytes. */
async function memoryOfLinks(bob: Messenger): Promise<number> {
  const me = [...bob.users].find(({ own }) => own);
  if (me === undefined) throw new Error("expected bob to be online");
  const links: SecureConnection[] = [];
  const open = async () => {
    const opened = next(bob, "chat-opened");
    const connection = await systemNetwork.connect({ hostname: "127.0.0.1", port: me.port });
    const keys = new IdentityKeys(crypto.getRandomValues(new Uint8Array(32)));
    links.push(
      await initiateHandshake(connection, {
        keys,
        signaling: { name: `user ${links.length}`, credential: undefined },
      }, () => {}),
    );
    await opened;
  };
  for (let count = 0; count < 20; count++) await open();
  const before = Deno.memoryUsage().rss;
  for (let count = 0; count < LINKS; count++) await open();
  const after = Deno.memoryUsage().rss;
  for (const link of links) link.close();
  return (after - before) / LINKS;
}
