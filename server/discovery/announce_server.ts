import { isLoopback } from "../../protocol/mod.ts";

/** The announcement of a server. */
export interface Announcement {
  /** Says that the server is gone, and sends nothing more. */
  close(): Promise<void>;
}

/** The server that is announced. */
export interface AnnouncedPlace {
  /** The address that it listens at; `::` and `0.0.0.0` mean every one. */
  readonly hostname: string;
  /** The port that it listens at. */
  readonly port: number;
  /** Undefined for one that speaks classic MIM only. */
  readonly publicKey: Uint8Array | undefined;
  /** Whether a client runs it. Default: false. */
  readonly isHosted?: boolean;
}

/**
 * Announces a server on the local networks, by multicast DNS (RFC 6762) as the service `_mim._tcp`
 * (RFC 6763). Does nothing for a server that only this machine reaches.
 *
 * @param title the name to show for it; by default the name of this machine
 */
export async function announceServer(
  { hostname, port, publicKey: key, isHosted }: AnnouncedPlace,
  title: string = hostName(),
): Promise<Announcement | undefined> {
  if (isLoopback(hostname)) return undefined;
  const { Announcer } = await import("./announcer.ts"); // most programs announce nothing
  return new Announcer({ title, key, port, isHosted }, hostname);
}

function hostName(): string {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "hostname" });
  return state === "granted" ? Deno.hostname() : "MIM";
}
