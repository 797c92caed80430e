import { decodeLogin, encodeAdd, type Login } from "../../protocol/mod.ts";
import type { Wire } from "./wire.ts";

/** What a bare server hears once it has welcomed a client: the login. */
export async function hearLogin(wire: Wire): Promise<Login> {
  const [high = 0, low = 0] = await wire.bytes(2);
  return decodeLogin(await wire.bytes(high << 8 | low));
}

/**
 * What a bare server does to be believed: welcomes the client, hears its login, and gives its own
 * entry back.
 *
 * @param more goes out right behind it
 */
export async function logIn(wire: Wire, ...more: readonly Uint8Array[]): Promise<void> {
  await wire.say("Welcome\n\n");
  const login = await hearLogin(wire);
  const { hostname } = wire.connection.remoteAddr;
  await wire.say(encodeAdd({ ...login, address: hostname }), ...more);
}
