/** What the program does for systemd: lines for the journal, and the word that it is ready. */

import { allowedEnv } from "../platform/cli/env.ts";
import type { LogLevel } from "./options.ts";

/** The priorities of syslog, as the journal reads them in front of a line. */
const PRIORITIES: Readonly<Record<LogLevel, number>> = {
  fatal: 2,
  error: 3,
  warning: 4,
  info: 6,
  debug: 7,
  trace: 7,
};

/** What the journal reads as the priority of a line. */
export function journalPrefix(level: LogLevel): string {
  return `<${PRIORITIES[level]}>`;
}

/** Whether stderr is the journal, which knows the time of each line. */
export function isStderrJournal(): boolean {
  const [device, inode] = allowedEnv("JOURNAL_STREAM")?.split(":").map(Number) ?? [];
  if (device === undefined || inode === undefined) return false;
  try {
    const { dev, ino } = Deno.statSync("/proc/self/fd/2");
    return dev === device && ino === inode;
  } catch {
    return true; // it can't be looked at: the variable is believed
  }
}

/** Tells systemd that the service is ready, if it asked for that (`Type=notify`). Needs `--unstable-net`. */
export async function notifyReady(): Promise<void> {
  const path = allowedEnv("NOTIFY_SOCKET");
  const listen = Reflect.get(Deno, "listenDatagram") as ListenUnix | undefined;
  if (path === undefined || path === "" || listen === undefined) return;
  const folder = Deno.makeTempDirSync();
  const own = `${folder}/notify`;
  try {
    const socket = listen({ transport: "unixpacket", path: own });
    const text = new TextEncoder().encode("READY=1\n");
    await socket.send(text, { transport: "unixpacket", path });
    socket.close();
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

interface UnixAddress {
  readonly transport: "unixpacket";
  readonly path: string;
}

type ListenUnix = (at: UnixAddress) => {
  send(bytes: Uint8Array, to: UnixAddress): Promise<number>;
  close(): void;
};
