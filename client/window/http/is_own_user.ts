/** Linux lists the machine's TCP connections there, each with the user it belongs to. */
const TABLES = ["/proc/net/tcp", "/proc/net/tcp6"] as const;
const STATE_LISTEN = "0A";

/** A row of the tables, with addresses as they stand there. */
interface Row {
  readonly local: string;
  readonly remote: string;
  readonly state: string;
  readonly uid: string;
}

/**
 * Whether a connection to a listener of this program on 127.0.0.1 comes from a program of the same user;
 * undefined if the system does not tell.
 *
 * @param remotePort the port of the other end of the connection
 * @param port the port of the listener
 */
export async function isOwnUser(
  remotePort: number,
  port: number,
  readTables: () => Promise<string | undefined> = readSystemTables,
): Promise<boolean | undefined> {
  const text = await readTables();
  const rows = text === undefined ? [] : parseRows(text);
  const [near, far] = [hexPort(port), hexPort(remotePort)];
  const listener = rows.find(({ local, state }) => state === STATE_LISTEN && local.endsWith(near));
  if (listener === undefined) return undefined;
  // An IPv6 socket connects to an IPv4 address by a longer one with the same end.
  const peers = rows.filter((row) =>
    row.local.endsWith(far) && row.remote.endsWith(listener.local)
  );
  return peers.length > 0 && peers.every(({ uid }) => uid === listener.uid);
}

function hexPort(port: number): string {
  return `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
}

function parseRows(text: string): Row[] {
  return text.split("\n").flatMap((line) => {
    const [, local, remote, state, , , , uid] = line.trim().split(/\s+/);
    if (local === undefined || remote === undefined || state === undefined) return [];
    return uid === undefined ? [] : [{ local, remote, state, uid }];
  });
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
