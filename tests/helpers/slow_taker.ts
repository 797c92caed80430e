import {
  createSignature,
  encodeLinkLogin,
  GreetingDecoder,
  identityOf,
  LinkClient,
  type LinkOffer,
} from "../../protocol/mod.ts";

/** The details of a row that is as long as a row may be. */
export const FAT_DETAILS = {
  status: "x".repeat(256),
  addresses: Array<string>(4).fill("2001:db8::1:2:3:4"),
};

/** Logs in with a row that is as long as a row may be, and then reads nothing. */
export async function takeSlowly(
  at: { readonly hostname: string; readonly port: number },
  name: string,
): Promise<Deno.TcpConn> {
  const connection = await Deno.connect(at);
  const buffer = new Uint8Array(4_096);
  const read = async () => buffer.subarray(0, await connection.read(buffer) ?? 0);
  const greeting = new GreetingDecoder();
  let offer: LinkOffer | undefined;
  while (greeting.rest === undefined) {
    for (const message of greeting.push(await read())) {
      if (message.type === "welcome-end") offer = message.offer;
    }
  }
  if (offer === undefined) throw new Error("expected a MIM/2 server, got a classic one");
  const link = new LinkClient(offer, crypto.getRandomValues(new Uint8Array(32)));
  await connection.write(link.open());
  const [secured] = link.push(await read());
  if (secured?.type !== "secured") throw new Error("expected the handshake, got something else");
  const key = crypto.getRandomValues(new Uint8Array(32));
  const { handshakeHash } = secured;
  const login = encodeLinkLogin({
    ...FAT_DETAILS,
    name,
    port: 0,
    identity: identityOf(key),
    signature: createSignature({ type: "login", handshakeHash, port: 0, name }, key),
    capabilities: 0,
    availability: "online",
    previousSession: new Uint8Array(0),
  });
  await connection.write(link.encrypt(login));
  return connection;
}
