/** The port of the window as a real process, attacked by programs that have no token. */

import { assertEquals } from "@std/assert";
import { poll } from "../helpers/wait.ts";
import { TestProcess } from "../helpers/process.ts";
import { runArgs } from "../helpers/programs.ts";

const FILES = 128;
const DIALS = 300;

Deno.test({
  name: "window: more connections than file descriptors, without a token, do not end it",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const options = ["--classic", "--server", "127.0.0.1:9", "--listen", "127.0.0.1"];
    await using mim = new TestProcess({
      name: "window",
      command: "sh",
      args: ["-c", `ulimit -n ${FILES}; exec "$0" "$@"`, Deno.execPath()]
        .concat(runArgs("client"), options, "window", "--no-open", "--keep"),
    });
    const address = (await mim.waitFor(/^window\t/)).slice("window\t".length);
    const { hostname, port } = new URL(address);
    const crowd: Deno.TcpConn[] = [];
    for (let n = 0; n < DIALS; n++) {
      crowd.push(await Deno.connect({ hostname, port: Number(port) }));
    }
    const served = async () => {
      const response = await fetch(address).catch(() => undefined);
      await response?.body?.cancel();
      return response?.status === 200;
    };
    await poll(served, "the page while all of them are open");
    for (const connection of crowd) connection.close();
    await poll(served, "the page afterwards");
    mim.kill("SIGINT");
    assertEquals(await mim.exitCode(), 130);
  },
});
