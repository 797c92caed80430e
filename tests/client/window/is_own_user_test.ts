/** Whose program is at the other end of a connection, on Linux. */

import { assertEquals } from "@std/assert";
import { isOwnUser } from "../../../client/window/http/is_own_user.ts";
import { serveWindow } from "../../../client/window/http/server.ts";

const HEAD =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout";

/** A row of /proc/net/tcp. */
function row(local: string, remote: string, state: string, uid: number): string {
  return `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000  ${uid}   0 699 1 0`;
}

const LISTENER = row("0100007F:1092", "00000000:0000", "0A", 1000);
const PEER = { hostname: "127.0.0.1", port: 50_000 };
const WINDOW = { hostname: "127.0.0.1", port: 4242 };
const EVES_LISTENER = row("0200007F:1092", "00000000:0000", "0A", 1001);

for (
  const [what, rows, expected] of [
    ["the same user", [LISTENER, row("0100007F:C350", "0100007F:1092", "01", 1000)], true],
    ["another user", [LISTENER, row("0100007F:C350", "0100007F:1092", "01", 1001)], false],
    ["another user over IPv6", [
      LISTENER,
      row(
        "0000000000000000FFFF00000100007F:C350",
        "0000000000000000FFFF00000100007F:1092",
        "01",
        1001,
      ),
    ], false],
    ["two users with one pair of addresses", [
      LISTENER,
      row("0100007F:C350", "0100007F:1092", "01", 1000),
      row("0000000000000000FFFF00000100007F:C350", "0100007F:1092", "01", 1001),
    ], false],
    ["the same user, beside another user at the same port of another address", [
      LISTENER,
      row("0200007F:C350", "0100007F:1092", "01", 1001),
      row("0100007F:C350", "0100007F:1092", "01", 1000),
    ], true],
    ["another user at another address, beside the same user at that port", [
      LISTENER,
      row("0200007F:C350", "0100007F:1092", "01", 1000),
      row("0100007F:C350", "0100007F:1092", "01", 1001),
    ], false],
    ["the same user, with another user's listener at this port first", [
      EVES_LISTENER,
      row("00000000000000000000000001000000:1092", "0".repeat(32) + ":0000", "0A", 1001),
      LISTENER,
      row("0100007F:C350", "0100007F:1092", "01", 1000),
    ], true],
    ["one whose listener alone is at this port", [
      EVES_LISTENER,
      row("0100007F:C350", "0100007F:1092", "01", 1001),
    ], undefined],
    ["somebody who has closed it, and so counts as the administrator", [
      row("0100007F:1092", "00000000:0000", "0A", 0),
      row("0100007F:C350", "0100007F:1092", "05", 0).replace(" 699 ", " 0 "),
    ], false],
    ["nobody any more", [LISTENER], false],
    ["someone whom the system does not tell", [], undefined],
  ] as const
) {
  Deno.test(`socket owner: ${what}`, async () => {
    const text = [HEAD, ...rows, ""].join("\n");
    assertEquals(await isOwnUser(PEER, WINDOW, () => Promise.resolve(text)), expected);
  });
}

Deno.test("socket owner: another user's own listener and connection at the same ports count for nothing", async () => {
  const rows = [
    EVES_LISTENER,
    LISTENER,
    row("0100007F:C350", "0200007F:1092", "01", 1001),
    row("0300007F:C350", "0100007F:1092", "01", 1001),
  ];
  const from = { hostname: "127.0.0.3", port: 50_000 };
  const tables = () => Promise.resolve([HEAD, ...rows, ""].join("\n"));
  assertEquals(await isOwnUser(from, WINDOW, tables), false);
});

Deno.test("socket owner: it is not known if there are no tables", async () => {
  assertEquals(await isOwnUser(PEER, WINDOW, () => Promise.resolve(undefined)), undefined);
});

/** The status line that a program of that user gets for an address. */
async function statusFor(uid: number, address: string): Promise<string> {
  const { hostname, port, pathname, search } = new URL(address);
  const request = `GET ${pathname}${search} HTTP/1.0\\r\\nHost: ${hostname}:${port}\\r\\n\\r\\n`;
  const script = `exec 3<>/dev/tcp/${hostname}/${port}; printf "${request}" >&3; head -n 1 <&3`;
  const command = new Deno.Command("bash", { args: ["-c", script], uid, cwd: "/" });
  return new TextDecoder().decode((await command.output()).stdout).trim();
}

Deno.test({
  name: "guard: a program of another user gets nothing for the window's address, on Linux",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  fn: async () => {
    const alarms: string[] = [];
    const pages = { hasRoom: true, add: () => {}, revoke: () => {} };
    const server = serveWindow(pages, (alarm) => alarms.push(alarm));
    const address = server.guard.createSingleUseAddress();
    assertEquals(await statusFor(65_534, address), "HTTP/1.1 403 Forbidden");
    assertEquals(alarms, ["other-user"]);
    assertEquals(await statusFor(0, address), "HTTP/1.1 200 OK");
    await server.close();
  },
});
