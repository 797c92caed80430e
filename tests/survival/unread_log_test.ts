/** A log that nobody reads: a pipe whose reader stalls, a terminal after Ctrl-S. */

import { assert, assertEquals } from "@std/assert";
import { inTime, poll } from "../helpers/wait.ts";
import { runArgs } from "../helpers/programs.ts";
import { RawClient } from "../helpers/raw_client.ts";

/** More lines of log than a pipe holds. */
const LINES = 4_000;
const GARBAGE = new Uint8Array([0xff, 0xff]);

Deno.test({
  name: "a log that nobody reads holds up nobody; SIGTERM ends the server all the same",
  ignore: Deno.build.os === "windows",
  async fn() {
    const server = new Deno.Command(Deno.execPath(), {
      args: [...runArgs("server"), "--hostname", "127.0.0.1", "--port", "0", "--log", "debug"],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const stdout = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let said = "";
    while (!said.includes("\n")) said += (await stdout.read()).value ?? "";
    const port = Number(/:(\d+)\n/.exec(said)?.[1]);
    const at = { hostname: "127.0.0.1", port };
    try {
      using ada = await RawClient.login(at, "ada");
      for (let sent = 0; sent < LINES; sent += 100) {
        await Promise.all(Array.from({ length: 100 }, async () => {
          const connection = await Deno.connect(at);
          await connection.write(GARBAGE);
          while (await connection.read(new Uint8Array(1024)).catch(() => null) !== null);
          connection.close();
        }));
      }
      using bob = await RawClient.login(at, "bob");
      await poll(() => ada.names.length === 2 && bob.names.length === 2, "both to see each other");
      server.kill("SIGTERM");
      assertEquals((await inTime(server.status, "the end of the server")).code, 0);
    } finally {
      await stdout.cancel();
      const text = new TextDecoder().decode(
        await new Response(server.stderr).bytes(),
      );
      assert(text.startsWith("20"), "the log begins with a time");
    }
  },
});
