/** What it does without file descriptors: tests/survival/descriptors_test.ts. */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { HttpServer } from "../../server/http_server.ts";

const SOMEWHERE = { hostname: "127.0.0.1", port: 0 };

Deno.test("it answers until it is closed, and its port is free then", async () => {
  const http = new HttpServer(SOMEWHERE, ({ url }) => new Response(new URL(url).pathname));
  const { hostname, port } = http.addr;
  assertEquals(await (await fetch(`http://${hostname}:${port}/here`)).text(), "/here");
  assertThrows(() => new HttpServer(http.addr, () => new Response()), Deno.errors.AddrInUse);
  await http.close();
  await assertRejects(() => Deno.connect({ hostname, port }), Deno.errors.ConnectionRefused);
  await http.close();
});

Deno.test("who does not read the answer does not keep it from closing", async () => {
  const much = new Uint8Array(64 * 1024 * 1024);
  const http = new HttpServer(SOMEWHERE, () => new Response(much));
  using connection = await Deno.connect(http.addr);
  await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: mim\r\n\r\n"));
  await connection.read(new Uint8Array(1));
  await http.close();
});
