import { formatAddress } from "../../protocol/mod.ts";
import { ClientError, describeConnectionError } from "./errors.ts";

/** Somebody cannot be reached, for this reason: words, or the error behind it. */
export function unreachableError(
  { name, address, port }: {
    readonly name: string;
    readonly address: string;
    readonly port: number;
  },
  why: unknown,
): ClientError {
  const reason = typeof why === "string" ? why : describeConnectionError(why);
  const where = formatAddress(address, port);
  return new ClientError("peer-unreachable", `cannot reach ${name} at ${where}: ${reason}`, {
    cause: why,
  });
}
