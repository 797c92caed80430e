import { formatAddress } from "../../protocol/mod.ts";
import { errorCode, reasonOf } from "../platform/util/errors.ts";

/** Why a file can't be read, and what to do; `path` names it. */
export function describeReadError(error: unknown, path: string): string {
  const failure = `Cannot read ${path}: `;
  if (error instanceof Deno.errors.IsADirectory) return failure + "it is a folder, not a file";
  if (error instanceof Deno.errors.NotADirectory) {
    return failure + "a part of the path is no folder";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return failure + "permission denied; allow the server's user to read it";
  }
  return failure + reasonOf(error);
}

/**
 * Why it is not possible to listen somewhere, and what to do.
 *
 * @param option the one that names the address
 */
export function describeServerListenError(
  error: unknown,
  hostname: string | undefined,
  port: number,
  option: "--hostname" | "--metrics",
): string {
  const where = hostname === undefined ? `port ${port}` : formatAddress(hostname, port);
  const failure = `Cannot listen on ${where}: `;
  const advice = `give ${option} an address of this machine, or leave it out`;
  const portOption = option === "--hostname" ? "--port" : option;
  const reason = reasonOf(error);
  switch (errorCode(error)) {
    case "EADDRINUSE":
      return `${failure}it is in use, perhaps by another MIM server; stop that one or choose another ${portOption}`;
    case "EADDRNOTAVAIL":
      return `${failure}this machine has no such address; ${advice}`;
    case "EACCES":
      return `${failure}permission denied; ports below 1024 need more rights, choose a higher ${portOption}`;
    case "EINVAL":
      return `${failure}the system cannot listen on such an address; ${advice}`;
  }
  // Deno's error for a failed lookup has no code.
  if (/lookup|ENOTFOUND/i.test(reason)) {
    return `${failure}there is no such address or host name; ${advice}`;
  }
  return failure + reason;
}
