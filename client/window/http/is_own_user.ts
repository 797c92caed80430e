import type { HttpConnection } from "../../../server/platform/http/http_server.ts";

type SocketAddress = HttpConnection["remote"];

/** Linux lists the machine's TCP connections there, each with the user it belongs to. */
const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"] as const;
const STATE_LISTEN = "0A";
const NO_INODE = "0";
/** How an IPv4 address begins in the table of IPv6. */
const MAPPED_IPV4 = "0000000000000000FFFF0000";

/** A row of the tables. */
interface Row {
  readonly local: string;
  readonly remote: string;
  readonly state: string;
  readonly uid: string;
  readonly inode: string;
}

/**
 * Whether a connection to a listener of this program comes from a program of the same user; undefined if the
 * system does not tell. Other users can listen at the same port of another address, and connect from the same
 * port of another address: so each row is found by its whole addresses.
 *
 * @param remote the other end of the connection
 * @param listener the address of the listener
 */
export async function isOwnUser(
  remote: SocketAddress,
  listener: SocketAddress,
  readTables: () => Promise<string | undefined> = readSystemTables,
): Promise<boolean | undefined> {
  const text = await readTables();
  const rows = text === undefined ? [] : parseRows(text);
  const [near, far] = [tableAddress(listener), tableAddress(remote)];
  const owners = rows.filter(({ local, state }) => state === STATE_LISTEN && local === near);
  const [owner] = owners;
  if (owner === undefined) return undefined;
  const peers = rows.filter((row) => row.local === far && row.remote === near);
  // A row whose program has closed it has no inode, and the user 0.
  return peers.length > 0 &&
    [...owners, ...peers].every(({ uid, inode }) => uid === owner.uid && inode !== NO_INODE);
}

/** An IPv4 address and port as in {@linkcode Row}. */
function tableAddress({ hostname, port }: SocketAddress): string {
  const address = hostname.replace(/^::ffff:/i, "").split(".").toReversed()
    .map((part) => hex(Number(part), 2)).join("");
  return `${address}:${hex(port, 4)}`;
}

function hex(value: number, length: number): string {
  return value.toString(16).toUpperCase().padStart(length, "0");
}

function parseRows(text: string): Row[] {
  return text.split("\n").flatMap((line) => {
    const [, local, remote, state, , , , uid, , inode] = line.trim().split(/\s+/);
    if (local === undefined || remote === undefined || state === undefined) return [];
    if (uid === undefined || inode === undefined) return [];
    return { local: asIpv4(local), remote: asIpv4(remote), state, uid, inode };
  });
}

/** An IPv6 socket that talks IPv4 has a longer address with the same end. */
function asIpv4(address: string): string {
  return address.startsWith(MAPPED_IPV4) ? address.slice(MAPPED_IPV4.length) : address;
}

/** Deno reads from /proc only with all permissions; `cat` may be allowed beside the browser. */
async function readSystemTables(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  try {
    return (await Promise.all(TABLES.map((path) => Deno.readTextFile(path)))).join("\n");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) return undefined;
  }
  if (Deno.permissions.querySync({ name: "run", command: "cat" }).state !== "granted") {
    return undefined;
  }
  try {
    const command = new Deno.Command("cat", { args: [...TABLES], stdin: "null", stderr: "null" });
    return new TextDecoder().decode((await command.output()).stdout);
  } catch {
    return undefined;
  }
}
