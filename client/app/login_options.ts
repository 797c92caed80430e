import {
  checkUserName,
  DEFAULT_PORT,
  type HostPort,
  parseServerAddresses,
  type ServerAddress,
} from "../../protocol/mod.ts";
import { UsageError } from "../../server/platform/cli/flags.ts";
import { capitalize } from "./describe_error.ts";

export interface LoginOptions {
  /** Undefined if none is given: then {@linkcode DEFAULT_SERVER} is tried, and perhaps started. */
  readonly server: ServerAddress | undefined;
  /** Those that are tried in turn if that one does not answer. */
  readonly otherServers: readonly ServerAddress[];
  /** Whether the user named the server: then it must have the key that is pinned for it. */
  readonly serverNamed: boolean;
  readonly name: string | undefined;
  /** `isConfigured`: whether it comes from the config file, and another address will do if it is no good. */
  readonly listen: {
    readonly hostname?: string;
    readonly port?: number;
    readonly isConfigured?: true;
  };
  readonly keepsHistory: boolean;
  /** The folder for files that come in; undefined for the usual one. */
  readonly downloads?: string | undefined;
  /** Whether a server may be started on this machine if none is given and none is found. */
  readonly mayHost: boolean;
  /** Whether to look for a server on the network if none is named, and to tell others of one run here. */
  readonly discovers: boolean;
  /** Whether to run beside another program with the same data folder, name and server. */
  readonly again: boolean;
  /** Whether to speak classic MIM only, without a key. */
  readonly classic: boolean;
}

/** The server that is tried, or started on this machine, if none is given. */
export const DEFAULT_SERVER: HostPort = { hostname: "localhost", port: DEFAULT_PORT };

/** Whether this is the server that is tried if none is given. */
export function isDefaultServer({ hostname, port }: HostPort): boolean {
  return hostname === DEFAULT_SERVER.hostname && port === DEFAULT_SERVER.port;
}

/** @throws {UsageError} unless the text is HOST, HOST:PORT, a link, or several of these with commas */
export function serverAddresses(text: string): [ServerAddress, ...ServerAddress[]] {
  try {
    return parseServers(text);
  } catch (error) {
    throw error instanceof SyntaxError ? new UsageError(error.message) : error;
  }
}

/** @throws {SyntaxError} as {@linkcode serverAddresses} */
export function parseServers(text: string): [ServerAddress, ...ServerAddress[]] {
  try {
    return parseServerAddresses(text);
  } catch (error) {
    throw error instanceof SyntaxError ? new SyntaxError(capitalize(error.message)) : error;
  }
}

/** @throws {UsageError} if the name breaks the rules */
export function userName(text: string): string {
  const check = checkUserName(text);
  if (!check.ok) throw new UsageError(`This name can't be used: ${check.reason}`);
  return check.name;
}
