import type { OnlineUser } from "../online_user.ts";
import type { PublicKey } from "../public_key.ts";
import type { Security } from "../security.ts";
import type { Pin } from "../store.ts";

/** A person with whom a chat was encrypted. */
export interface Contact extends Pin {
  /** The public key. */
  readonly identity: PublicKey;
}

/** The contacts with their keys, and the user's decisions about these keys. */
export interface Trust {
  /** Everyone with whom a chat was encrypted at this server, or at the last: the oldest first. */
  readonly contacts: Contact[];
  /** How sure it is that a user who is online is who the name says. */
  securityOf(user: OnlineUser): Security;
  /** The name under which a user is known who has another certified name now. */
  knownAs(user: OnlineUser): string | undefined;
  /** Whether the server of this login, or of the last, certifies names; without that all are unconfirmed. */
  readonly serverCertifies: boolean;
  /**
   * The number that two people compare, for example by telephone, to make sure that nobody is between them:
   * 60 digits, the same on both sides.
   *
   * @throws {ClientError} `not-online` if no key is known for that name, or several are in use;
   *   `invalid-state` without an identity, or if the name is a contact's in other letters
   */
  safetyNumber(name: string): string;
  /**
   * Confirms that the safety number that was shown last for this name was compared, and is the same.
   *
   * @throws {ClientError} `invalid-state` if none was asked for, or the server knows no keys
   */
  verify(name: string): Promise<void>;
  /** Takes back that the safety number of a contact was compared; the key stays known. */
  unverify(name: string): Promise<void>;
  /**
   * Takes the key that a name has now in the place of the one before, if a certificate fits, or the key's
   * safety number was shown. If it has none any more, the next chat may be a classic one, that one alone. A
   * name that no key was known for takes the key whose safety number was shown; a contact who goes by that
   * name now is known by it from now on. A name in other letters than a contact's never takes its place.
   *
   * @throws {ClientError} `not-online` if there is no other key than the one before, there was none
   *   before, nobody of that name is online, or several keys are; `invalid-state` if the key's safety
   *   number was not shown, that of another was, or the name is a contact's in other letters
   */
  acceptKey(name: string): Promise<void>;
  /**
   * At a classic server: at which other servers someone of that name is known by a key, as
   * {@linkcode Store.serversKnowing} has them. Pins go with a server's key, so nobody can tell whether it
   * is the same person here.
   */
  serversKnowing(name: string): string[];
}

/** The user's decisions about a server whose key has changed. */
export interface ServerTrust {
  /** Whether a login has rejected a server with `server-key-mismatch`, and it was not accepted since. */
  readonly hasRejected: boolean;
  /**
   * Accepts that server: its new key for good, or, if it does not speak MIM/2 any more, that for this
   * run. Log in anew after that.
   *
   * @throws {ClientError} `invalid-state` if none was rejected
   */
  accept(): Promise<void>;
  /** Whether a login has rejected a server with `classic-server`, and it was not allowed since. */
  readonly hasRejectedClassic: boolean;
  /**
   * Lets that server speak classic MIM from now on: nothing is encrypted, and nobody proves who they
   * are. Log in anew after that.
   *
   * @throws {ClientError} `invalid-state` if none was rejected; `storage-failed`
   */
  allowClassic(): Promise<void>;
}
