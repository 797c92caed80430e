/** A machine without file descriptors is tested in tests/survival/descriptors_test.ts. */

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  type MetricsServer,
  type PageOf,
  serveMetrics,
} from "../../../server/metrics/metrics_server.ts";

const SOMEWHERE = { hostname: "127.0.0.1", port: 0 };
const echo: PageOf = (path) => Promise.resolve({ contentType: "text/plain", text: path });
const bytes = (text: string) => new TextEncoder().encode(text);

/** All that comes until the connection is closed. */
async function rest(connection: Deno.TcpConn): Promise<string> {
  return await new Response(connection.readable).text();
}

/** Sends some bytes and returns the answer's first line and body. */
async function ask(http: MetricsServer, request: string): Promise<string> {
  const connection = await Deno.connect(http.addr);
  await connection.write(bytes(request));
  const [head = "", body = ""] = (await rest(connection)).split("\r\n\r\n");
  return `${head.split("\r\n")[0]?.trim()} ${body}`;
}

Deno.test("metrics server: it answers until it is closed, and its port is free then", async () => {
  const http = serveMetrics(SOMEWHERE, echo);
  const { hostname, port } = http.addr;
  assertEquals(await (await fetch(`http://${hostname}:${port}/here?there`)).text(), "/here");
  assertThrows(() => serveMetrics(http.addr, echo), Deno.errors.AddrInUse);
  await http.close();
  await assertRejects(() => Deno.connect({ hostname, port }), Deno.errors.ConnectionRefused);
});

Deno.test("metrics server: bytes that are no request end their connection alone", async () => {
  const http = serveMetrics(SOMEWHERE, echo);
  const long = `GET /${"x".repeat(20_000)} HTTP/1.1\r\n\r\n`;
  for (const request of ["hello\r\n\r\n", "\0\0\r\n\r\n", long]) {
    const answer = await ask(http, request).catch(() => "");
    assert(!answer.includes(" 200 "), answer);
  }
  const host = "HTTP/1.1\r\nHost: mim\r\n\r\n";
  for (const target of ["http://[::/metrics", "//x:y@z:99999/", "*"]) {
    assertStringIncludes(await ask(http, `GET ${target} ${host}`), "HTTP/1.1 ");
  }
  assertEquals(await ask(http, `POST / ${host}`), "HTTP/1.1 405 Method Not Allowed Use GET\n");
  assertEquals(await ask(http, `GET / ${host}`), "HTTP/1.1 200 OK /");
  await http.close();
});

Deno.test("metrics server: a target that names the host is understood, and a HEAD", async () => {
  const http = serveMetrics(SOMEWHERE, echo);
  const host = "HTTP/1.1\r\nHost: host\r\n\r\n";
  assertEquals(await ask(http, `GET http://host/page ${host}`), "HTTP/1.1 200 OK /page");
  assertEquals(await ask(http, `HEAD / ${host}`), "HTTP/1.1 200 OK ");
  await http.close();
});

Deno.test("metrics server: a page that fails closes its connection, not the server", async () => {
  let fails = true;
  const http = serveMetrics(
    SOMEWHERE,
    (path) => fails ? Promise.reject(new Error("no metrics")) : echo(path),
  );
  const request = "GET / HTTP/1.1\r\nHost: mim\r\n\r\n";
  await ask(http, request).catch(() => {});
  fails = false;
  assertEquals(await ask(http, request), "HTTP/1.1 200 OK /");
  await http.close();
});

Deno.test("metrics server: silent connections are closed after a time, too many at once immediately", async () => {
  const http = serveMetrics(SOMEWHERE, echo, { maxConnections: 2, requestTimeoutMs: 1_000 });
  const silent = await Promise.all([Deno.connect(http.addr), Deno.connect(http.addr)]);
  const more = await Deno.connect(http.addr);
  assertEquals(await rest(more).catch(() => ""), "");
  assertEquals(await Promise.all(silent.map((one) => rest(one).catch(() => ""))), ["", ""]);
  assertEquals(await ask(http, "GET / HTTP/1.1\r\nHost: mim\r\n\r\n"), "HTTP/1.1 200 OK /");
  await http.close();
});

Deno.test("metrics server: a client that does not read the answer does not keep it from closing", async () => {
  const text = "x".repeat(64 * 1024 * 1024);
  const http = serveMetrics(
    SOMEWHERE,
    () => Promise.resolve({ contentType: "text/plain", text }),
  );
  using connection = await Deno.connect(http.addr);
  await connection.write(bytes("GET / HTTP/1.1\r\nHost: mim\r\n\r\n"));
  await connection.read(new Uint8Array(1));
  await http.close();
});
