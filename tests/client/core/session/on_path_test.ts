/** Somebody on the way to the server, on real sockets: nothing that is changed there is believed. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { MemoryStore, type MessengerOptions } from "../../../../client/core/mod.ts";
import { encodeAdd, encodeFrame, formatAddress } from "../../../../protocol/mod.ts";
import { newIdentity } from "../../../fixtures/keys.ts";
import { TempFolder } from "../../../helpers/disk.ts";
import { Mim2Server } from "../../../helpers/fake_server.ts";
import { TcpProxy } from "../../../helpers/tcp_proxy.ts";
import { TestEnvironment } from "../../../helpers/test_environment.ts";
import { assertRefused, type TestUser } from "../../../helpers/test_user.ts";
import { poll } from "../../../helpers/wait.ts";

const NOISE = 1;
const LOG = 2;
const TABLE = 3;
const NOT_AUTHENTIC = /^what came is not what the server sent/;

/** A server, the way to it that somebody else has in hand, and a user who goes that way. */
interface Setting {
  readonly env: TestEnvironment;
  readonly proxy: TcpProxy;
  readonly ada: TestUser;
  /** Another user, who comes straight, goes and comes again: the log goes on. */
  readonly stir: () => Promise<void>;
}

async function withProxy(
  test: (setting: Setting) => Promise<void>,
  options: Partial<MessengerOptions> = {},
): Promise<void> {
  using folder = new TempFolder();
  await using env = TestEnvironment.real();
  const { at } = env.serve({ data: folder.path, pingIntervalMs: 1_000 });
  await using proxy = new TcpProxy(at);
  const ada = env.user("ada", proxy.at, undefined, { identity: newIdentity(), ...options });
  const bob = env.user("bob", at, undefined, { identity: newIdentity() });
  const stir = async () => {
    if (bob.state === "online") bob.logout();
    await bob.login();
  };
  await test({ env, proxy, ada, stir });
}

/** Waits until ada has left the server, and looks at the reason. */
async function assertLeft(ada: TestUser): Promise<void> {
  const { reason } = await ada.saw("disconnected");
  assertMatch(reason, NOT_AUTHENTIC);
}

Deno.test("on the path: what is passed on as it is works", async () => {
  await withProxy(async ({ proxy, ada, stir }) => {
    await ada.login();
    await stir();
    await ada.saw("online", { name: "bob" });
    const [connection] = proxy.connections;
    assert(connection !== undefined);
    const bytes = connection.fromServer.concat(connection.fromClient)
      .map((block) => new TextDecoder().decode(block).replaceAll("\0", "")).join();
    assert(!bytes.includes("ada") && !bytes.includes("bob"), "and shows no name");
  });
});

/** What is done to the first log record that comes, and to what comes after. */
const ON_THE_LOG: readonly (readonly [
  what: string,
  change: (records: readonly Uint8Array[]) => readonly Uint8Array[],
])[] = [
  ["replayed", ([record, ...more]) => record === undefined ? [] : [record, record, ...more]],
  ["dropped", ([, ...more]) => more],
  ["put in another order", (records) => records.toReversed()],
  ["changed", ([record, ...more]) => {
    const changed = record?.slice() ?? new Uint8Array();
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    return [changed, ...more];
  }],
  ["put behind one that was made up", (records) => {
    const forged = records[0]?.slice() ?? new Uint8Array();
    crypto.getRandomValues(forged.subarray(15));
    return [forged, ...records];
  }],
];

for (const [what, change] of ON_THE_LOG) {
  Deno.test(`on the path: a log record that is ${what} ends the session`, async () => {
    await withProxy(async ({ proxy, ada, stir }) => {
      await ada.login();
      const held: Uint8Array[] = [];
      let isDone = false;
      proxy.rules = {
        fromServer: (block) => {
          if (isDone || block[2] !== LOG) return [block];
          held.push(block);
          if (held.length < 2) return [];
          isDone = true;
          return change(held);
        },
      };
      await stir();
      await stir();
      await assertLeft(ada);
    });
  });
}

Deno.test("on the path: a log that ends in silence is noticed at the next ping", async () => {
  await withProxy(async ({ proxy, ada, stir }) => {
    await ada.login();
    proxy.rules = { fromServer: (block) => block[2] === LOG ? [] : [block] };
    await stir();
    await assertLeft(ada);
  });
});

/** What is injected into a session that is under way. */
const INJECTED: readonly (readonly [
  what: string,
  make: (fromServer: readonly Uint8Array[], fromClient: readonly Uint8Array[]) => Uint8Array,
])[] = [
  ["a classic Add in the clear", () => encodeAdd({ name: "eve", address: "192.0.2.1", port: 1 })],
  ["random bytes", () => encodeFrame(crypto.getRandomValues(new Uint8Array(80)))],
  ["an old message of the server", (sent) => sent.findLast((block) => block[2] === NOISE) ?? ERROR],
  ["a record of the table", (sent) => sent.find((block) => block[2] === TABLE) ?? ERROR],
  [
    "the client's own message",
    (_, sent) => encodeFrame(Uint8Array.of(NOISE, ...sent.at(-1)?.subarray(2) ?? ERROR)),
  ],
];
const ERROR = new Uint8Array();

for (const [what, make] of INJECTED) {
  Deno.test(`on the path: ${what} put into a session ends it`, async () => {
    await withProxy(async ({ proxy, ada }) => {
      await ada.login();
      ada.events.clear();
      let isDone = false;
      proxy.rules = {
        fromServer: (block, { fromServer, fromClient }) => {
          if (isDone) return [block];
          isDone = true;
          const injected = make(fromServer.slice(0, -1), fromClient);
          assert(injected.length > 0, "there is such a message");
          return [block, injected];
        },
      };
      await assertLeft(ada);
      assertEquals(ada.events.all.filter(({ name }) => name === "eve"), []);
    });
  });
}

/** What is done to a login, so that nobody is logged in and no key is kept. */
const AT_THE_LOGIN: readonly (readonly [string, TcpProxy["rules"]])[] = [
  ["the text of the welcome changed", {
    welcome: (bytes) => replaced(bytes, "Welcome", "Wellcome"),
  }],
  ["a word behind the announcement", {
    welcome: (bytes) => replaced(bytes, "\n\n", " uncertified\n\n"),
  }],
  ["another static key", {
    welcome: (bytes) => withWord(bytes, 2, announcement(new Mim2Server().welcome())[2]),
  }],
  ["another signature", {
    welcome: (bytes) => withWord(bytes, 3, announcement(new Mim2Server().welcome())[3]),
  }],
  ["a changed handshake", { fromServer: (block) => [flipped(block)] }],
  ["a dropped record of the table", {
    fromServer: (block) => block[2] === TABLE ? [] : [block],
  }],
  ["a record of the table twice", {
    fromServer: (block) => block[2] === TABLE ? [block, block] : [block],
  }],
];

for (const [what, rules] of AT_THE_LOGIN) {
  Deno.test(`on the path: ${what}: nobody is logged in`, async () => {
    const store = new MemoryStore();
    await withProxy(async ({ proxy, ada }) => {
      proxy.rules = rules;
      const { message } = await assertRefused("protocol-error", () => ada.login());
      assertMatch(message, /not what the server sent/);
      assertEquals(proxy.connections.length, 1, "and it is not tried again");
      const shown = ada.events.all.filter(({ event }) => event === "online");
      assertEquals(shown, []);
      if (what.includes("table")) return; // the server has proven its key by then
      assertEquals(ada.events.all.filter(({ event }) => event === "welcome"), []);
      const { hostname, port } = proxy.at;
      assertEquals(await store.serverKey(formatAddress(hostname, port)), undefined);
    }, { store });
  });
}

Deno.test("on the path: an announcement that is taken out is no way to a classic login", async () => {
  await withProxy(async ({ proxy, ada }) => {
    proxy.rules = { welcome: withoutAnnouncement };
    await assertRefused("classic-server", () => ada.login());
    assertEquals(proxy.connections.flatMap(({ fromClient }) => fromClient), []);
    proxy.rules = {};
    await ada.login();
    ada.logout();
    proxy.rules = { welcome: withoutAnnouncement };
    await assertRefused("server-key-mismatch", () => ada.login());
    assertEquals(proxy.connections.at(-1)?.fromClient, []);
  });
});

Deno.test("on the path: another server's whole announcement is another key", async () => {
  await withProxy(async ({ proxy, ada }) => {
    await ada.login();
    ada.logout();
    proxy.rules = { welcome: () => new Mim2Server().welcome() };
    await assertRefused("server-key-mismatch", () => ada.login());
    assertEquals(proxy.connections.at(-1)?.fromClient, []);
  });
});

Deno.test("on the path: a login is good for its connection alone", async () => {
  await withProxy(async ({ proxy, ada }) => {
    await ada.login();
    const [, login] = proxy.connections[0]?.fromClient ?? [];
    assert(login !== undefined);
    ada.logout();
    let blocks = 0;
    proxy.rules = { fromClient: (block) => blocks++ === 1 ? [login] : [block] };
    const { message } = await assertRefused("server-refused", () => ada.login());
    assertMatch(message, /did not log ada in/);
  });
});

Deno.test("on the path: what a client sends twice, or changed, ends its session", async () => {
  for (
    const change of [(block: Uint8Array) => [block, block], (block: Uint8Array) => [flipped(block)]]
  ) {
    await withProxy(async ({ proxy, ada }) => {
      await ada.login();
      proxy.rules = { fromClient: change };
      ada.setStatus("away", "tea");
      await ada.saw("disconnected");
      await poll(() => ada.state === "offline", "the end");
    });
  }
});

Deno.test("on the path: blocks of another client's connection are not this one's", async () => {
  await withProxy(async ({ env, proxy, ada }) => {
    await ada.login();
    const theirs = proxy.connections[0]?.fromServer.filter((block) => block[2] === NOISE) ?? [];
    const eve = env.user("eve", proxy.at, undefined, { identity: newIdentity() });
    let blocks = 0;
    proxy.rules = {
      fromServer: (block) => block[2] === NOISE ? [theirs[blocks++] ?? block] : [block],
    };
    await assertRefused("protocol-error", () => eve.login());
  });
});

function replaced(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const text = new TextDecoder().decode(bytes);
  assert(text.includes(from), text);
  return new TextEncoder().encode(text.replace(from, to));
}

function announcement(welcome: Uint8Array): string[] {
  return new TextDecoder().decode(welcome).split("\n").at(-3)?.split(" ") ?? [];
}

function withWord(welcome: Uint8Array, at: number, word = ""): Uint8Array {
  return replaced(welcome, announcement(welcome)[at] ?? "?", word);
}

function withoutAnnouncement(welcome: Uint8Array): Uint8Array {
  return replaced(welcome, `${announcement(welcome).join(" ")}\n`, "");
}

function flipped(block: Uint8Array): Uint8Array {
  const changed = block.slice();
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  return changed;
}
