/** Access control and the WebSocket of the window, without a browser. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  type Request,
  type Snapshot,
  type StateChange,
  VERSION,
} from "../../../client/window/messages.ts";
import { ASSETS } from "../../../client/window/http/assets.ts";
import { PageConnections } from "../../../client/window/http/page_connections.ts";
import { serveWindow } from "../../../client/window/http/server.ts";
import { inTime, poll } from "../../helpers/wait.ts";

/** The page budget. */
const MAX_PAGE_BYTES = 100_000;

const EMPTY: Snapshot = {
  type: "snapshot",
  version: VERSION,
  me: {
    name: "",
    server: "localhost",
    state: "offline",
    availability: "online",
    status: "",
    canSetStatus: false,
    unknownCallers: "allow",
    serverKeyChanged: false,
  },
  users: [],
  chats: [],
  callers: [],
  ignored: [],
  info: [],
  completed: [],
};

/** A served window without a messenger, which records what it is asked for. */
class Served implements AsyncDisposable {
  readonly asked: Request[] = [];
  readonly open: boolean[] = [];
  publish: (change: StateChange) => void = () => {};
  readonly pages = new PageConnections({
    snapshot: EMPTY,
    subscribe: (listener) => this.publish = listener,
  }, {
    handle: (request, answer) => {
      this.asked.push(request);
      answer({ type: "problem", text: "asked" });
      return Promise.resolve();
    },
  });
  readonly #server = serveWindow(this.pages);
  readonly address = this.#server.guard.address;
  readonly origin = new URL(this.address).origin;
  readonly folder = this.origin + this.#server.guard.path;

  constructor() {
    this.pages.onOpenChange = (isAnyOpen) => this.open.push(isAnyOpen);
  }

  singleUseAddress(): string {
    return this.#server.guard.createSingleUseAddress();
  }

  /** The cookie of the start address, as browsers send it back. */
  async cookie(): Promise<string> {
    const response = await fetch(this.address);
    await response.text();
    return response.headers.get("set-cookie")?.split(";")[0] ?? "";
  }

  /** Opens a WebSocket with these headers, as any program can. */
  connect(headers: Record<string, string>): WebSocket {
    return new WebSocket(`${this.folder.replace("http", "ws")}socket`, { headers });
  }

  async page(): Promise<WebSocket> {
    const socket = this.connect({ origin: this.origin, cookie: await this.cookie() });
    await opened(socket);
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pages.close();
    await this.#server.close();
  }
}

function opened(socket: WebSocket): Promise<boolean> {
  return inTime(
    new Promise<boolean>((resolve) => {
      socket.onopen = () => resolve(true);
      socket.onerror = () => resolve(false);
    }),
    "the socket to open",
  );
}

function closed(socket: WebSocket): Promise<number> {
  return inTime(
    new Promise<number>((resolve) => socket.onclose = ({ code }) => resolve(code)),
    "the socket to close",
  );
}

function next(socket: WebSocket): Promise<unknown> {
  return inTime(
    new Promise((resolve) => socket.onmessage = ({ data }) => resolve(JSON.parse(data))),
    "an update",
  );
}

async function statusOf(address: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(address, { headers });
  await response.text();
  return response.status;
}

/** Sends a request with headers that fetch does not allow. */
async function raw(origin: string, ...lines: string[]): Promise<string> {
  using connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(origin).port),
  });
  const request = [...lines, "Connection: close", "", ""].join("\r\n");
  await connection.write(new TextEncoder().encode(request));
  return await new Response(connection.readable).text();
}

Deno.test("guard: nothing is served without the token of the start address", async () => {
  await using served = new Served();
  assertEquals(await statusOf(`${served.origin}/`), 403);
  assertEquals(await statusOf(`${served.origin}/?token=`), 403);
  assertEquals(await statusOf(`${served.origin}/?token=${"0".repeat(32)}`), 403);
  assertEquals(await statusOf(served.folder), 403);
  assertEquals(await statusOf(`${served.folder}main.js`), 403);
  assertEquals(await statusOf(served.folder, { cookie: "mim=guessed" }), 403);
  assertEquals(await opened(served.connect({ origin: served.origin })), false);
  assertEquals(await opened(served.connect({ origin: served.origin, cookie: "mim=x" })), false);
});

Deno.test("guard: the token is exchanged for a cookie that no script and no other port gets", async () => {
  await using served = new Served();
  const response = await fetch(served.address);
  // The page and all its parts are in the folder of the cookie.
  const parts = [...(await response.text()).matchAll(/(?:href|src)="([^"]+)"/g)]
    .map(([, part = ""]) => part).filter((part) => part !== "data:,");
  const folder = new URL(served.folder).pathname;
  assert(parts.length > 10 && parts.every((part) => part.startsWith(folder)), parts.join(" "));
  const [pair = "", ...attributes] = response.headers.get("set-cookie")?.split("; ") ?? [];
  assertMatch(pair, /^mim=[0-9a-f]{32}$/);
  // The path is a secret: browsers send cookies to every port of a host, but to that path only.
  const path = new URL(served.folder).pathname;
  assertMatch(path, /^\/[0-9a-f]{32}\/$/);
  assertEquals(attributes.sort(), ["HttpOnly", `Path=${path}`, "SameSite=Strict"]);
  assert(!pair.includes(new URL(served.address).searchParams.get("token") ?? "?"));
  assertEquals(await statusOf(served.folder, { cookie: pair }), 200);
  assertEquals(await statusOf(`${served.folder}style.css`, { cookie: `a=b; ${pair}` }), 200);
  assertEquals(await statusOf(`${served.folder}nothing.js`, { cookie: pair }), 404);
  assertEquals(await statusOf(`${served.origin}/main.js`, { cookie: pair }), 403);
});

Deno.test("guard: a single-use address works once", async () => {
  await using served = new Served();
  const once = served.singleUseAddress();
  assertEquals(await statusOf(once), 200);
  assertEquals(await statusOf(once), 403);
  assertEquals(await statusOf(served.address), 200);
  assertEquals(await statusOf(served.address), 200);
});

Deno.test("guard: any other host name is refused", async () => {
  await using served = new Served();
  const cookie = await served.cookie();
  const port = new URL(served.origin).port;
  const path = new URL(served.folder).pathname;
  const get = async (host: string) =>
    (await raw(served.origin, `GET ${path} HTTP/1.1`, `Host: ${host}`, `Cookie: ${cookie}`))
      .split("\r\n")[0];
  assertEquals(await get(`127.0.0.1:${port}`), "HTTP/1.1 200 OK");
  for (
    const host of [`evil.example:${port}`, `localhost:${port}`, "127.0.0.1", `127.0.0.1.:${port}`]
  ) {
    assertEquals(await get(host), "HTTP/1.1 403 Forbidden");
  }
});

Deno.test("guard: no other page gets access, not even one of this machine", async () => {
  await using served = new Served();
  const cookie = await served.cookie();
  for (const origin of ["https://evil.example", "http://127.0.0.1:1", "null", "http://localhost"]) {
    assertEquals(await statusOf(served.folder, { origin, cookie }), 403);
    assertEquals(await opened(served.connect({ origin, cookie })), false);
  }
  // Without an origin, it is not a page.
  assertEquals(await opened(served.connect({ cookie })), false);
  const socket = served.connect({ origin: served.origin, cookie });
  assertEquals(await opened(socket), true);
  socket.close();
  await closed(socket);
});

Deno.test("guard: it listens on the loopback address only, and answers only GET", async () => {
  await using served = new Served();
  assertEquals(new URL(served.origin).hostname, "127.0.0.1");
  const response = await fetch(served.address, { method: "POST", body: "x" });
  await response.text();
  assertEquals(response.status, 405);
  const other = Deno.networkInterfaces().find(({ family, address }) =>
    family === "IPv4" && !address.startsWith("127.")
  );
  if (other === undefined) return;
  const elsewhere = { hostname: other.address, port: Number(new URL(served.origin).port) };
  const refused = await Deno.connect(elsewhere).then((connection) => {
    connection.close();
    return false;
  }, () => true);
  assert(refused);
});

Deno.test("page: every response has a strict policy", async () => {
  await using served = new Served();
  const cookie = await served.cookie();
  for (const [name, { type }] of ASSETS) {
    const response = await fetch(served.folder + name, { headers: { cookie } });
    const text = await response.text();
    assertEquals(response.headers.get("content-type"), type);
    const policy = response.headers.get("content-security-policy") ?? "";
    for (const part of ["default-src 'none'", "script-src 'self';", "frame-ancestors 'none'"]) {
      assertStringIncludes(policy, part);
    }
    assert(!policy.includes("unsafe"));
    assertEquals(response.headers.get("x-content-type-options"), "nosniff");
    assertEquals(response.headers.get("referrer-policy"), "no-referrer");
    assertEquals(response.headers.get("access-control-allow-origin"), null);
    // The page inserts text, never HTML.
    assert(!/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(/.test(text), name);
  }
});

Deno.test("page: it is below 100 kB, and every file it names exists and is preloaded", () => {
  const texts = [...ASSETS.values()].map(({ text }) => text);
  const bytes = texts.reduce((sum, text) => sum + new TextEncoder().encode(text).length, 0);
  assert(bytes < MAX_PAGE_BYTES, `${bytes} bytes`);
  const scripts = [...ASSETS.keys()].filter((name) => name.endsWith(".js"));
  const index = ASSETS.get("")?.text ?? "";
  for (const name of scripts) assertMatch(index, new RegExp(`(href|src)="${name}"`));
  const imported = texts.flatMap((text) => [...text.matchAll(/from "\.\/([^"]+)"/g)])
    .map(([, name = ""]) => name);
  for (const name of imported) assert(scripts.includes(name), name);
});

Deno.test("socket: the snapshot comes after hello, and every change is numbered", async () => {
  await using served = new Served();
  const socket = await served.page();
  served.publish({ type: "chat-removed", chat: 1 });
  socket.send(JSON.stringify({ type: "hello", version: VERSION }));
  assertEquals(await next(socket), { ...EMPTY, seq: 1 });
  served.publish({ type: "chat-removed", chat: 2 });
  assertEquals(await next(socket), { type: "chat-removed", chat: 2, seq: 2 });
  socket.send(JSON.stringify({ type: "logout" }));
  assertEquals(await next(socket), { type: "problem", text: "asked" });
  assertEquals(served.asked, [{ type: "logout" }]);
  const again = await served.page();
  again.send(JSON.stringify({ type: "hello", version: VERSION }));
  assertEquals(await next(again), { ...EMPTY, seq: 2 });
  socket.close();
  again.close();
  await poll(() => served.open.length === 2, "both pages to be gone");
  assertEquals(served.open, [true, false]);
});

Deno.test("socket: a page of another version is closed with code 4001", async () => {
  await using served = new Served();
  const socket = await served.page();
  socket.send(JSON.stringify({ type: "hello", version: VERSION + 1 }));
  assertEquals(await closed(socket), 4001);
});

for (
  const [what, data, code] of [
    ["no JSON", "hello", 1002],
    ["bytes", new Uint8Array([123, 125]), 1009],
    ["a request before hello", '{"type":"logout"}', 1002],
    ["an unknown request", '{"type":"format-disk"}', 1002],
    ["a list", "[]", 1002],
    ["null", "null", 1002],
    ["another type", '{"type":"hello","version":"1"}', 1002],
    ["a fraction", '{"type":"hello","version":1.5}', 1002],
    ["a frame of 1 MB", `{"type":"search","words":"${"x".repeat(1_000_000)}"}`, 1009],
  ] as const
) {
  Deno.test(`socket: ${what} ends the connection`, async () => {
    await using served = new Served();
    const socket = await served.page();
    const code_ = closed(socket);
    socket.send(data);
    assertEquals(await code_, code);
    assertEquals(served.asked, []);
  });
}

Deno.test("socket: at most 32 pages can be open", async () => {
  await using served = new Served();
  const cookie = await served.cookie();
  const sockets: WebSocket[] = [];
  for (let n = 0; n < 32; n++) {
    const socket = served.connect({ origin: served.origin, cookie });
    assert(await opened(socket));
    socket.send(JSON.stringify({ type: "hello", version: VERSION }));
    await next(socket);
    sockets.push(socket);
  }
  assertEquals(await opened(served.connect({ origin: served.origin, cookie })), false);
  const gone = sockets.map(closed);
  for (const socket of sockets) socket.close();
  await Promise.all(gone);
});
