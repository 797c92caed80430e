import type { ServerAddress } from "../../protocol/mod.ts";
import type { Network } from "../../server/platform/net/network.ts";
import type { IgnoreEntry } from "./calls/mod.ts";
import type { Caller } from "./caller.ts";
import type { ClientError } from "./errors.ts";
import type { FileStorage } from "./file_storage.ts";
import type { Identity } from "./identity.ts";
import type { Store } from "./store.ts";

/** How a {@linkcode Messenger} is to run; without an `identity` it speaks classic MIM alone. */
export interface MessengerOptions {
  /** The user's name: 1 to 64 UTF-16 units, see {@linkcode checkUserName}. */
  readonly name: string;
  /**
   * The central server, or several that are tried in turn. One with a key, as
   * {@linkcode parseServerAddress} reads it from a link, has to prove that key.
   */
  readonly server: ServerAddress | readonly ServerAddress[];
  /**
   * The user's private key, the same in each run: logins prove it, and chats with peers that have one are
   * encrypted. **Without it this client speaks classic MIM only**: nothing is encrypted, and nothing proves
   * who it is. See `loadIdentity`.
   */
  readonly identity?: Identity;
  /**
   * The storage for what has to survive the program: the keys of others, and messages that wait to be
   * delivered. Default: a {@linkcode MemoryStore}, which forgets them.
   */
  readonly store?: Store;
  /**
   * The storage for files and the records of transfers: see `openFiles`. Default: a
   * {@linkcode MemoryFiles}, with which streams and blobs go both ways, in this run.
   */
  readonly files?: FileStorage;
  /**
   * The address for connections from peers. Default: every address, a port that the system picks. `mayMove`:
   * whether another port will do if that one is taken. Default: false. `onUnusable`: called if nothing can
   * listen there; it listens at another port then, or else at the default address. Default: the login fails.
   */
  readonly listen?: {
    readonly hostname?: string;
    readonly port?: number;
    readonly mayMove?: boolean;
    readonly onUnusable?: (error: ClientError) => void;
  };
  /** The way to the network. Default: the machine's own. */
  readonly network?: Network;
  /**
   * Whether the user named no server, so that any program on this machine may host it, with a key of its
   * own. Every other server has to have the key with which it was met first. Default: false.
   */
  readonly isDefaultServer?: boolean;
  /** The ignore list to start with, as {@linkcode Calls.ignored} gave it in an earlier run. */
  readonly ignored?: readonly IgnoreEntry[];
  /** Whether a caller is known from an earlier run; peers of this run are known anyway. Default: nobody is. */
  readonly isKnownCaller?: (name: string, address: string) => boolean;
  /**
   * The names of people without a key whom the user has met at that server in earlier runs. A server with
   * too many users to list them all is asked for these at each login. Default: none.
   */
  readonly keylessNames?: (server: ServerAddress) => Iterable<string>;
  /**
   * Whether it takes messages. If not, it tells its peers, whose messages then wait for another program of
   * the same user; it can still call others, and refuses all calls. Default: true.
   */
  readonly takesMessages?: boolean;
  /**
   * Whether a call is let in; a refused caller learns no reason. Someone whom this client is calling may
   * always call back. Default: every call, as {@linkcode Calls.unknownCallers} says.
   */
  readonly acceptsCall?: (
    caller: Pick<Caller, "name" | "address" | "port" | "identity">,
  ) => boolean;
  /**
   * Whether it logs in again by itself after the connection to the server was lost, until you log out:
   * after half a second, doubling up to half a minute, and at once if the machine has slept. A function is
   * called each time nothing answers at the server, before it is dialed once more: it may start one.
   * Default: false.
   */
  readonly reconnect?: boolean | (() => Promise<void>);
  /**
   * Called if a server with a known key does not answer, or another answers in its place. Returns the
   * addresses of servers that claim to have one of these keys; one that proves it is the same server at
   * another place. Default: nothing is looked for.
   */
  readonly findServers?: (keys: readonly Uint8Array[]) => Promise<readonly ServerAddress[]>;
}
