import { formatAddress } from "../../../protocol/mod.ts";

/** What an error says, without what only programmers read. */
export function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return reason.replace(/ \(os error \d+\).*$/, "");
}

/** Why a file can't be read, and what to do; `path` names it. */
export function describeReadError(error: unknown, path: string): string {
  const why = `cannot read ${path}: `;
  if (error instanceof Deno.errors.IsADirectory) return why + "expected a file, it is a folder";
  if (error instanceof Deno.errors.NotADirectory) {
    return why + "expected a folder, what it is in is a file";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return why + "the system does not allow it; let the server's user read it";
  }
  return why + reasonOf(error);
}

/** Why a connection can't be accepted, and what to do. */
export function describeAcceptError(error: unknown): string {
  const reason = reasonOf(error);
  if (!/too many open files/i.test(reason)) return reason;
  return `${reason}; each needs one: raise \`ulimit -n\`, or LimitNOFILE in the unit of systemd`;
}

/**
 * Why it is not possible to listen somewhere, and what to do.
 *
 * @param option the one that names the address, for advice
 */
export function describeServerListenError(
  error: unknown,
  hostname: string | undefined,
  port: number,
  option: string,
): string {
  const where = hostname === undefined ? `port ${port}` : formatAddress(hostname, port);
  const why = `cannot listen on ${where}: `;
  const elsewhere = `give ${option} one of this machine's own, or leave it out`;
  if (error instanceof Deno.errors.AddrInUse) {
    const portOption = option === "--hostname" ? "--port" : option;
    return why +
      `it is in use, perhaps by another MIM server; stop that one or choose another ${portOption}`;
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return `${why}this machine has no such address; ${elsewhere}`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return why +
      "the system does not allow it; ports below 1024 need more rights, choose a higher one";
  }
  const reason = reasonOf(error);
  // These have no class of their own.
  if (/lookup/i.test(reason)) return `${why}there is no such address or host name; ${elsewhere}`;
  if (/^invalid argument$/i.test(reason)) {
    return `${why}the system cannot listen at such an address; ${elsewhere}`;
  }
  return why + reason;
}
