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
import { writeAll } from "../../../server/platform/net/byte_stream.ts";
import { serveHttp } from "../../../server/platform/http/http_server.ts";
import { type AccessAlarm, serveWindow } from "../../../client/window/http/server.ts";
import { FakeTime } from "../../helpers/time.ts";
import { inTime, poll } from "../../helpers/wait.ts";

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
    isAdmin: false,
    unknownCallers: "allow",
    serverKeyChanged: false,
    startCommand: "deno task window",
    isServerClassic: false,
  },
  users: [],
  chats: [],
  callers: [],
  ignored: [],
  info: [],
  files: [],
  completed: [],
};

/** A served window without a messenger, which records what it is asked for. */
class Served implements AsyncDisposable {
  readonly asked: Request[] = [];
  readonly open: boolean[] = [];
  readonly lost: boolean[] = [];
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
  readonly alarms: AccessAlarm[] = [];
  /** Whether programs are of the same user; undefined if the system does not tell. */
  isOwn: boolean | undefined;
  readonly #server = serveWindow(this.pages, (alarm) => this.alarms.push(alarm), {
    isOwnUser: () => Promise.resolve(this.isOwn),
  });
  readonly origin = new URL(this.address).origin;

  constructor() {
    this.pages.onOpenChange = (isAnyOpen, isLost) => {
      this.open.push(isAnyOpen);
      this.lost.push(isLost);
    };
  }

  get address(): string {
    return this.#server.guard.address;
  }

  get folder(): string {
    return this.origin + this.#server.guard.path;
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

/** A WebSocket as bytes: it sends what no browser would. */
class RawSocket implements Disposable {
  readonly #connection: Deno.TcpConn;
  #heard = new Uint8Array(0);

  static async open(served: Served): Promise<RawSocket> {
    const { hostname, port, origin } = new URL(served.folder);
    const connection = await Deno.connect({ hostname, port: Number(port) });
    const head = [
      `GET ${new URL(served.folder).pathname}socket HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      `Origin: ${origin}`,
      `Cookie: ${await served.cookie()}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Version: 13",
    ];
    await connection.write(new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n`));
    const socket = new RawSocket(connection);
    await socket.#until(() => socket.#text.includes("\r\n\r\n"));
    // The example of RFC 6455.
    assertStringIncludes(socket.#text, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
    socket.#heard = new Uint8Array(0);
    return socket;
  }

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Sends a frame, masked and whole unless `first` says otherwise. */
  async frame(opcode: number, payload: Uint8Array, first = 0x80 | opcode): Promise<void> {
    const { length } = payload;
    const head = length < 126
      ? [first, 0x80 | length]
      : [first, 0x80 | 126, length >> 8, length & 0xff];
    const mask = [1, 2, 3, 4];
    const masked = payload.map((byte, at) => byte ^ (mask[at & 3] ?? 0));
    await this.bytes(Uint8Array.of(...head, ...mask, ...masked));
  }

  async bytes(bytes: Uint8Array): Promise<void> {
    await writeAll(this.#connection, bytes);
  }

  async send(text: string): Promise<void> {
    await this.frame(1, new TextEncoder().encode(text));
  }

  /** The code of the close that the other side sends. */
  async closeCode(): Promise<number> {
    await this.#until(() => this.#heard.length >= 4);
    const [first, , high = 0, low = 0] = this.#heard;
    assertEquals(first, 0x88);
    return high << 8 | low;
  }

  end(): void {
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }

  get #text(): string {
    return new TextDecoder().decode(this.#heard);
  }

  async #until(condition: () => boolean): Promise<void> {
    const buffer = new Uint8Array(4_096);
    while (!condition()) {
      const length = await inTime(this.#connection.read(buffer), "bytes");
      assert(length !== null);
      this.#heard = Uint8Array.of(...this.#heard, ...buffer.subarray(0, length));
    }
  }
}

/** How a page goes: the code of its close, if there is one, and whether it may come back. */
const LEAVINGS = [
  ["it closes itself", 1000, false],
  ["the browser closes", 1001, true],
  ["ends without a close", undefined, true],
] as const;

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
  assert(parts.length > 4 && parts.every((part) => part.startsWith(folder)), parts.join(" "));
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

Deno.test("guard: a single-use address works once; the second use revokes all addresses and cookies", async () => {
  await using served = new Served();
  const page = await served.page();
  const code = closed(page);
  page.send(JSON.stringify({ type: "hello", version: VERSION }));
  await poll(() => served.open.length === 1, "the page to be open");
  const once = served.singleUseAddress();
  assertEquals(await statusOf(once), 200);
  const [address, folder, cookie] = [served.address, served.folder, await served.cookie()];
  assertEquals(await statusOf(address), 200);
  assertEquals(await statusOf(address), 200);
  assertEquals(served.alarms, []);
  assertEquals(await statusOf(once), 403);
  assertEquals(served.alarms, ["used-twice"]);
  assertEquals(await code, 4003);
  assertEquals(served.open, [true, false]);
  for (const gone of [once, address]) assertEquals(await statusOf(gone), 403);
  for (const path of [folder, served.folder]) assertEquals(await statusOf(path, { cookie }), 403);
  assertEquals(await statusOf(served.address), 200);
  assertEquals(await statusOf(served.folder, { cookie: await served.cookie() }), 200);
  assertEquals(served.alarms, ["used-twice"], "whoever asks again gets nothing for it");
});

Deno.test("guard: another user of the machine gets nothing for an address, and uses none up", async () => {
  await using served = new Served();
  const once = served.singleUseAddress();
  served.isOwn = false;
  for (const address of [once, once, served.address]) assertEquals(await statusOf(address), 403);
  assertEquals(served.alarms, Array(3).fill("other-user"));
  assertEquals(await statusOf(`${served.origin}/?token=${"0".repeat(32)}`), 403);
  assertEquals(served.alarms.length, 3, "a guess is no alarm");
  served.isOwn = true;
  assertEquals(await statusOf(once), 200);
});

Deno.test("port: 1,100 connections that send nothing displace no page and keep no new one out", async () => {
  await using served = new Served();
  const page = await served.page();
  page.send(JSON.stringify({ type: "hello", version: VERSION }));
  await next(page);
  const port = Number(new URL(served.origin).port);
  const idle: Deno.TcpConn[] = [];
  for (let n = 0; n < 1_100; n++) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    idle.push(connection);
    if (n % 2 === 0) await connection.write(new TextEncoder().encode("GET /"));
    // So many are open at a time that the test itself needs no higher limit.
    if (idle.length > 150) idle.shift()?.close();
  }
  assertEquals(await statusOf(served.address), 200);
  const other = await served.page();
  other.send(JSON.stringify({ type: "hello", version: VERSION }));
  await next(other);
  served.publish({ type: "chat-removed", chat: 1 });
  assertEquals(await next(page), { type: "chat-removed", chat: 1, seq: 1 });
  for (const connection of idle) connection.close();
  for (const socket of [page, other]) socket.close();
  await poll(() => served.open.length === 2, "both pages to be gone");
});

Deno.test("port: a connection that asks for nothing of the window is closed after a time", async () => {
  const server = serveHttp({
    onRequest: (_, response, from) => {
      from.trust();
      response.end("hello");
    },
    onUpgrade: (_, stream) => stream.destroy(),
  }, { maxStrangers: 2, strangerTimeoutMs: 1 });
  const dial = () => Deno.connect({ hostname: "127.0.0.1", port: server.port });
  const ended = async (connection: Deno.TcpConn) =>
    await new Response(connection.readable).text().catch(() => "");
  assertEquals(await inTime(ended(await dial()), "the end of a silent connection"), "");
  await server.close();
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
    // The page inserts text, never HTML; the library could, but the browser keeps it from that.
    if (name === "main.js") continue;
    assert(
      !/innerHTML|dangerouslySet|outerHTML|insertAdjacentHTML|document\.write|\beval\(/.test(text),
      name,
    );
  }
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

for (const [how, code, isLost] of LEAVINGS) {
  Deno.test(`socket: a page whose connection ${how} is ${isLost ? "lost" : "closed"}`, async () => {
    await using served = new Served();
    const socket = await RawSocket.open(served);
    await socket.send(JSON.stringify({ type: "hello", version: VERSION }));
    await poll(() => served.open.length === 1, "the page to be open");
    if (code !== undefined) await socket.frame(8, Uint8Array.of(code >> 8, code & 0xff));
    socket.end();
    await poll(() => served.open.length === 2, "the page to be gone");
    assertEquals(served.lost, [false, isLost]);
  });
}

Deno.test("socket: a page that is stopped for ten minutes stays open", async () => {
  await using served = new Served();
  using time = new FakeTime();
  const socket = await RawSocket.open(served);
  await socket.send(JSON.stringify({ type: "hello", version: VERSION }));
  await poll(() => served.open.length === 1, "the page to be open");
  await time.pass(600_000);
  assertEquals(served.open, [true]);
  assertEquals(await statusOf(served.address), 200);
  assertEquals(served.open, [true]);
  socket.end();
  await poll(() => served.open.length === 2, "the page to be gone");
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

for (
  const [what, first, payload, code] of [
    ["a kind that is not known", 0x83, [], 1002],
    ["a reserved bit", 0xc1, [], 1002],
    ["a ping in parts", 0x09, [], 1002],
    ["a ping of 126 bytes", 0x89, Array(126).fill(0), 1002],
    ["a part of no message", 0x80, [], 1002],
    ["text that is no UTF-8", 0x81, [0xff], 1007],
  ] as const
) {
  Deno.test(`socket: a frame with ${what} ends the connection`, async () => {
    await using served = new Served();
    using socket = await RawSocket.open(served);
    await socket.frame(0, Uint8Array.from(payload), first);
    assertEquals(await socket.closeCode(), code);
    assertEquals(served.asked, []);
  });
}

Deno.test("socket: a frame without a mask, or longer than any request, ends the connection", async () => {
  await using served = new Served();
  using unmasked = await RawSocket.open(served);
  await unmasked.bytes(Uint8Array.of(0x81, 0));
  assertEquals(await unmasked.closeCode(), 1002);
  using long = await RawSocket.open(served);
  await long.bytes(Uint8Array.of(0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4));
  assertEquals(await long.closeCode(), 1009);
  using endless = await RawSocket.open(served);
  await endless.frame(1, new Uint8Array(50_000).fill(0x20), 0x01);
  for (let n = 0; n < 95; n++) await endless.frame(0, new Uint8Array(50_000).fill(0x20), 0x00);
  assertEquals(await endless.closeCode(), 1009);
});

Deno.test("socket: a request comes whole, however it is cut, with pings between its parts", async () => {
  await using served = new Served();
  using socket = await RawSocket.open(served);
  const text = new TextEncoder().encode(JSON.stringify({ type: "hello", version: VERSION }));
  await socket.frame(1, text.subarray(0, 3), 0x01);
  await socket.frame(9, Uint8Array.of(1));
  await socket.frame(0, text.subarray(3, 9), 0x00);
  await socket.frame(0, text.subarray(9), 0x80);
  await poll(() => served.open.length === 1, "the page to be open");
  const logout = new TextEncoder().encode(JSON.stringify({ type: "logout" }));
  const bytes = Uint8Array.of(0x81, 0x80 | logout.length, 0, 0, 0, 0, ...logout);
  for (const byte of bytes) await socket.bytes(Uint8Array.of(byte));
  await socket.bytes(Uint8Array.of(...bytes, ...bytes));
  await poll(() => served.asked.length === 3, "all three");
});

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
