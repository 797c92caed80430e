import { getLogger } from "@logtape/logtape";
import {
  type Authenticator,
  credsAuthenticator,
  nkeyAuthenticator,
  usernamePasswordAuthenticator,
} from "@nats-io/transport-node";
import { reasonOf } from "../platform/util/errors.ts";

const logger = getLogger(["mim", "server"]);
/** Permissions of the group and of all others. */
const OTHERS = 0o077;

/**
 * Reads a file with credentials for NATS.
 *
 * @param isPrivate whether nobody can read on the way what is sent to NATS
 * @throws {RangeError} if it can't be read, contains none, or a password that others could read
 */
export function readCredentials(path: string, isPrivate: boolean): Authenticator {
  const text = readFile(path).trim();
  if (text.includes("BEGIN NATS USER JWT")) {
    // It finds the end of a part by the end of its line.
    const lines = `${text.replaceAll("\r\n", "\n")}\n`;
    const authenticate = credsAuthenticator(new TextEncoder().encode(lines));
    try {
      authenticate("nonce");
    } catch (error) {
      throw new RangeError(`cannot read the credentials in ${path}: ${reasonOf(error)}`);
    }
    return authenticate;
  }
  if (/^SU[A-Z2-7]{56}$/.test(text)) return nkeyAuthenticator(new TextEncoder().encode(text));
  const [, user, password] = /^([^:\s]+):(\S+)$/.exec(text) ?? [];
  if (user === undefined) {
    throw new RangeError(
      `${path} must contain credentials of NATS, the seed of an nkey, or USER:PASSWORD`,
    );
  }
  if (isPrivate) return usernamePasswordAuthenticator(user, password);
  throw new RangeError(
    `the password in ${path} could be read on the way to NATS: add --cluster-tls, or use an nkey`,
  );
}

/**
 * Warns if other users can read a file with credentials.
 *
 * @throws {Error} if there is no such file
 */
export function warnOfReaders(path: string): void {
  const others = (Deno.statSync(path).mode ?? 0) & OTHERS;
  if (others !== 0) logger.warning("other users can read the credentials in {path}", { path });
}

function readFile(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new RangeError(`cannot read the credentials in ${path}: ${reasonOf(error)}`);
  }
}
