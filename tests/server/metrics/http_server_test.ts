/** What it does without file descriptors: tests/survival/descriptors_test.ts. */

import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { type HttpResponse, HttpServer } from "../../../server/metrics/http_server.ts";

const SOMEWHERE = { hostname: "127.0.0.1", port: 0 };
const echo: HttpResponse = (path) => new Response(path);
const bytes = (text: string) => new TextEncoder().encode(text);

/** All that comes until the connection is closed. */
async function rest(connection: Deno.TcpConn): Promise<string> {
  return await new Response(connection.readable).text();
}

/** Sends some bytes and returns the answer's first line and body. */
async function ask(http: HttpServer, request: string): Promise<string> {
  const connection = await Deno.connect(http.addr);
  await connection.write(bytes(request));
  const [head = "", body = ""] = (await rest(connection)).split("\r\n\r\n");
  return `${head.split("\r\n")[0]?.trim()} ${body}`;
}

Deno.test("it answers until it is closed, and its port is free then", async () => {
  const http = new HttpServer(SOMEWHERE, echo);
  const { hostname, port } = http.addr;
  assertEquals(await (await fetch(`http://${hostname}:${port}/here?there`)).text(), "/here");
  assertThrows(() => new HttpServer(http.addr, echo), Deno.errors.AddrInUse);
  await http.close();
  await assertRejects(() => Deno.connect({ hostname, port }), Deno.errors.ConnectionRefused);
  await http.close();
});

Deno.test("what is no request for a page is answered with 400, or 405", async () => {
  await using http = new HttpServer(SOMEWHERE, echo);
  const no = "HTTP/1.1 400 expected the path of a page\n";
  assertEquals(await ask(http, "GET http://[::/metrics HTTP/1.1\r\n\r\n"), no);
  assertEquals(await ask(http, "GET x HTTP/1.1\r\n\r\n"), no);
  assertEquals(await ask(http, "GET //x:y@z:99999/ HTTP/1.1\r\n\r\n"), no);
  for (const request of ["hello\r\n\r\n", "\r\n\r\n", `GET /${"x".repeat(9_000)}`]) {
    assertStringIncludes(await ask(http, request), "400 expected an HTTP request");
  }
  assertEquals(await ask(http, "POST / HTTP/1.1\r\n\r\n"), "HTTP/1.1 405 expected GET\n");
});

Deno.test("a path with its host is understood, and a HEAD", async () => {
  await using http = new HttpServer(SOMEWHERE, echo);
  assertEquals(await ask(http, "GET http://host/page HTTP/1.1\r\n\r\n"), "HTTP/1.1 200 /page");
  assertEquals(await ask(http, "HEAD / HTTP/1.1\r\n\r\n"), "HTTP/1.1 200 ");
});

Deno.test("who asks nothing is closed after a time, who comes on top of too many at once", async () => {
  await using http = new HttpServer(SOMEWHERE, echo, 2, 1_000);
  const silent = await Promise.all([Deno.connect(http.addr), Deno.connect(http.addr)]);
  const more = await Deno.connect(http.addr);
  assertEquals(await rest(more).catch(() => ""), "");
  assertEquals(await Promise.all(silent.map(rest)), ["", ""]);
  assertEquals(await ask(http, "GET / HTTP/1.1\r\n\r\n"), "HTTP/1.1 200 /");
});

Deno.test("who does not read the answer does not keep it from closing", async () => {
  const much = new Uint8Array(64 * 1024 * 1024);
  const http = new HttpServer(SOMEWHERE, () => new Response(much));
  using connection = await Deno.connect(http.addr);
  await connection.write(bytes("GET / HTTP/1.1\r\nHost: mim\r\n\r\n"));
  await connection.read(new Uint8Array(1));
  await http.close();
});
