import { parseServerAddress } from "../../protocol/mod.ts";
import { Messenger } from "./messenger.ts";
import type { MessengerOptions } from "./messenger_options.ts";

/** How {@linkcode connect} logs in, and how the messenger is to run. */
export interface ConnectOptions extends Omit<MessengerOptions, "server"> {
  /** Cancels the login; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** How long the login may take at most, in milliseconds. Default: as long as its own steps may take. */
  readonly loginTimeoutMs?: number;
}

/**
 * Logs in at a server.
 *
 * @param address the server: `host`, `host:port`, a link `mim://HOST[:PORT]#KEY`, or a parsed one of these,
 *   or several parsed ones that are tried in turn. Default of the port: 4242
 *
 * @example A user who is online for a moment
 * ```ts
 * import { connect, MimServer } from "@mim/mim";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = MimServer.listen({ hostname: "127.0.0.1", port: 0 });
 * await using client = await connect(`127.0.0.1:${server.port}`, { name: "ada" });
 * assertEquals([...client.users].map(({ name }) => name), ["ada"]);
 * ```
 *
 * @throws {SyntaxError} if the address can't be parsed
 * @throws {ClientError} as {@linkcode Messenger.login}
 * @throws {DOMException} `TimeoutError` after `loginTimeoutMs`; the signal's reason once it is aborted
 */
export async function connect(
  address: string | MessengerOptions["server"],
  { signal, loginTimeoutMs, ...options }: ConnectOptions,
): Promise<Messenger> {
  const server = typeof address === "string" ? parseServerAddress(address) : address;
  const messenger = new Messenger({ ...options, server });
  const signals = signal === undefined ? [] : [signal];
  if (loginTimeoutMs !== undefined) signals.push(AbortSignal.timeout(loginTimeoutMs));
  try {
    await messenger.login(undefined, undefined, { signal: AbortSignal.any(signals) });
    return messenger;
  } catch (error) {
    await messenger.quit();
    throw error;
  }
}
