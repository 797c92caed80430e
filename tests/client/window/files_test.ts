import { assert, assertEquals } from "@std/assert";
import { serveWindow } from "../../../client/window/http/server.ts";
import { transferRow, WindowFiles } from "../../../client/window/state/window_files.ts";
import type { Messenger } from "../../../client/core/mod.ts";
import { transferNamed } from "../../fixtures/events.ts";
import { poll } from "../../helpers/wait.ts";
import { hex } from "../../fixtures/decoding.ts";

const PNG = hex(`89504e470d0a1a0a 0000000d49484452 00000010 00000010 ${"00".repeat(8)}`);

/** A window that takes what pages send, and has one picture. */
class Served implements AsyncDisposable {
  readonly taken: { chat: number; name: string; bytes: Uint8Array; thumbnail: Uint8Array }[] = [];
  readonly aborted: string[] = [];
  begun = 0;
  readonly #server = serveWindow(
    { hasRoom: true, add: () => {}, revoke: () => {} },
    () => {},
    {
      isOwnUser: () => Promise.resolve(undefined),
      files: {
        send: async (chat, { name, size, stream, thumbnail }) => {
          this.begun++;
          if (chat === 9) throw new RangeError("This chat was closed");
          const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
          assertEquals(bytes.length, size);
          this.taken.push({ chat, name, bytes, thumbnail });
        },
        onAborted: (name) => this.aborted.push(name),
        picture: (number) =>
          Promise.resolve(number === 1 ? { type: "image/png", bytes: PNG } : undefined),
      },
    },
  );
  cookie = "";

  get origin(): string {
    return new URL(this.#server.guard.address).origin;
  }

  get files(): string {
    return `${this.origin}${this.#server.guard.path}files/`;
  }

  async enter(): Promise<void> {
    const response = await fetch(this.#server.guard.address);
    this.cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
    await response.body?.cancel();
  }

  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { cookie: this.cookie, origin: this.origin, ...init.headers };
    return await fetch(this.files + path, { ...init, headers });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
  }
}

async function said(response: Response): Promise<[number, string]> {
  return [response.status, await response.text()];
}

Deno.test("window files: a page sends a file, with its small picture", async () => {
  await using served = new Served();
  await served.enter();
  const body = new Uint8Array(300_000).fill(7);
  const headers = { "x-thumbnail": PNG.toBase64() };
  const sent = await served.ask("3?name=tree%20%C3%BC.jpg", { method: "PUT", body, headers });
  assertEquals(await said(sent), [200, "offered"]);
  assertEquals(served.taken, [{ chat: 3, name: "tree ü.jpg", bytes: body, thumbnail: PNG }]);
  const closed = await served.ask("9?name=x", { method: "PUT", body });
  assertEquals(await said(closed), [
    409,
    JSON.stringify({
      text: "This chat was closed",
      code: "unexpected",
      values: { text: "This chat was closed" },
    }),
  ]);
  for (const path of ["3", "x?name=x", "../3?name=x"]) {
    const refused = await served.ask(path, { method: "PUT", body });
    assert(refused.status >= 400, path);
    await refused.body?.cancel();
  }
  assertEquals(served.taken.length, 1);
});

Deno.test("window files: an upload that ends early is reported, and one that is refused is not", async () => {
  await using served = new Served();
  await served.enter();
  const body = new Uint8Array(300_000);
  const refused = await served.ask("9?name=refused", { method: "PUT", body });
  assertEquals(refused.status, 409);
  await refused.body?.cancel();
  const { hostname, port } = new URL(served.origin);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const head = [
    `PUT ${new URL(served.files).pathname}3?name=half.bin HTTP/1.1`,
    `host: ${hostname}:${port}`,
    `origin: ${served.origin}`,
    `cookie: ${served.cookie}`,
    "content-length: 300000",
  ];
  await connection.write(new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\nhalf of it`));
  await poll(() => served.begun === 2, "the upload to begin");
  connection.close();
  await poll(() => served.aborted.length > 0, "the upload to be reported");
  assertEquals(served.aborted, ["half.bin"]);
  // A page that is left says so of what it has not begun with.
  const left = await served.ask("3?name=later.bin", { method: "DELETE" });
  assertEquals(await said(left), [200, "noted"]);
  assertEquals(served.aborted, ["half.bin", "later.bin"]);
  assertEquals(served.taken, []);
});

Deno.test("window files: without the cookie, or from another page, nothing is taken or shown", async () => {
  await using served = new Served();
  const body = "x";
  const put = { method: "PUT", body };
  assertEquals((await said(await served.ask("3?name=x", put)))[0], 405);
  await served.enter();
  for (const origin of ["http://evil.example", "null"]) {
    const response = await served.ask("3?name=x", { ...put, headers: { origin } });
    assertEquals((await said(response))[0], 403);
  }
  served.cookie = "";
  assertEquals((await said(await served.ask("1")))[0], 403);
  assertEquals(served.taken, []);
});

Deno.test("window files: a picture is shown as one, and can run nothing", async () => {
  await using served = new Served();
  await served.enter();
  const shown = await served.ask("1");
  assertEquals(shown.headers.get("content-type"), "image/png");
  assertEquals(shown.headers.get("content-security-policy"), "default-src 'none'; sandbox");
  assertEquals(shown.headers.get("x-content-type-options"), "nosniff");
  assertEquals(new Uint8Array(await shown.arrayBuffer()), PNG);
  assertEquals((await said(await served.ask("2")))[0], 404);
});

Deno.test("window files: what is no picture by its first bytes is none", async () => {
  const folder = await Deno.makeTempDir({ prefix: "mim-test-" });
  const location = `${folder}/x.png`;
  const transfer = transferNamed("bob", { location, state: "done", mime: "image/png", size: 40 });
  const messenger = { files: { all: [transfer] } } as unknown as Messenger;
  const files = new WindowFiles(messenger);
  await Deno.writeTextFile(location, "<svg onload='alert(1)'></svg>");
  assertEquals(await files.picture(1), undefined);
  assertEquals(transferRow(transfer).isPicture, false);
  await Deno.writeFile(location, PNG);
  assertEquals(transferRow(transfer).isPicture, true);
  assertEquals((await files.picture(1))?.type, "image/png");
  const [row] = files.rows;
  assertEquals([row?.path, row?.state, row?.isPicture], ["bob", "done", true]);
  await Deno.remove(folder, { recursive: true });
});
