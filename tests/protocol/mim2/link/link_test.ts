/** Both sides of a server link, talking to each other in memory. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  createAnnouncement,
  createSignature,
  encodeFrame,
  encodeLinkClientMessage,
  encodeLinkLogin,
  encodeLinkNotice,
  encodeLinkUpdate,
  encodeWelcome,
  formatLinkAnnouncement,
  GreetingDecoder,
  hashTable,
  identityOf,
  isLoginSigned,
  LinkClient,
  type LinkLogin,
  type LinkMessage,
  type LinkNotice,
  LinkOpeningDecoder,
  LinkServer,
  type LinkServerMessage,
  type LinkUpdate,
  noisePublicKey,
  RecordSealer,
} from "../../../../protocol/mod.ts";
import { assertCode, byteByByte, join, test } from "../../../fixtures/decoding.ts";

const bytes = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);
const [SERVER, STATIC, USER, SECRET] = [bytes(1), bytes(2), bytes(3), bytes(4)];
const SESSION = bytes(5, 8);
const WELCOME = encodeWelcome(
  `Hi\n${formatLinkAnnouncement(createAnnouncement(SERVER, noisePublicKey(STATIC), false))}`,
);

interface Link {
  readonly client: LinkClient;
  readonly server: LinkServer;
  readonly handshakeHash: Uint8Array;
}

/** Both sides behind their handshake. */
function connect(welcome = WELCOME): Link {
  const end = [...new GreetingDecoder().push(welcome)].at(-1);
  assert(end?.type === "welcome-end" && end.offer !== undefined);
  const client = new LinkClient(end.offer, bytes(6));
  const opening = new LinkOpeningDecoder();
  assertEquals([...opening.push(client.open())], ["link"]);
  assert(opening.rest);
  const prologue = [...new GreetingDecoder().push(WELCOME)].at(-1);
  assert(prologue?.type === "welcome-end" && prologue.offer !== undefined);
  const server = new LinkServer({
    prologue: prologue.offer.prologue,
    staticKey: STATIC,
    ephemeralKey: bytes(7),
  });
  const [secured] = [...server.push(opening.rest)];
  assert(secured?.type === "secured");
  const { handshakeHash } = secured;
  assertEquals([...client.push(secured.reply)], [{ type: "secured", handshakeHash }]);
  return { client, server, handshakeHash };
}

function acceptedNotice(
  { handshakeHash }: Link,
  { isWatching = false, key = SERVER } = {},
): LinkNotice {
  const statement = { type: "server", handshakeHash, session: SESSION } as const;
  return {
    type: "accepted",
    session: SESSION,
    signature: createSignature(statement, key),
    address: "192.0.2.7",
    pingSeconds: 30,
    serverTime: 1000,
    epoch: 5,
    secret: isWatching ? new Uint8Array() : SECRET,
    isWatching,
    isAdmin: false,
  };
}

function completeNotice(sealer: RecordSealer, blocks: readonly Uint8Array[] = []): LinkNotice {
  const { epoch, nextNumber: number, chain } = sealer;
  return { type: "complete", rows: 1, epoch, number, tableHash: hashTable(blocks), chain };
}

/** Has the client read what the server says to it alone. */
function tell({ client, server }: Link, notice: LinkNotice): LinkServerMessage[] {
  return [...client.push(server.encrypt(encodeLinkNotice(notice)))];
}

const ROW: LinkUpdate = {
  type: "add",
  entry: {
    name: "ada",
    address: "192.0.2.7",
    port: 5000,
    session: SESSION,
    identity: identityOf(USER),
    capabilities: 1,
    certificate: undefined,
    availability: "online",
    status: "",
    reachability: "unknown",
    addresses: [],
  },
};

test("link: login, table, log and pings from one end to the other, however the bytes arrive", () => {
  const link = connect();
  const { client, server, handshakeHash } = link;
  const name = "ada";
  const signature = createSignature({ type: "login", handshakeHash, port: 5000, name }, USER);
  const login: LinkLogin = {
    availability: "online",
    ...{ name, port: 5000, identity: identityOf(USER), signature, capabilities: 1 },
    ...{ status: "", addresses: [], previousSession: SESSION },
  };
  const ping = { type: "ping", token: 7 } as const;
  const sent = join(
    client.encrypt(encodeLinkLogin(login)),
    client.encrypt(encodeLinkClientMessage(ping)),
  );
  const heard = byteByByte(sent).flatMap((byte): LinkMessage[] => [...server.push(byte)]);
  assertEquals(heard, [{ type: "login", login }, ping]);
  assert(isLoginSigned(login, handshakeHash));

  const sealer = new RecordSealer(5, SECRET);
  const table = [...sealer.sealTable([encodeLinkUpdate(ROW)])];
  const gone = { type: "delete", session: SESSION } as const;
  const notices = [acceptedNotice(link), completeNotice(sealer, table)];
  const [accepted, complete] = notices.map((notice) => server.encrypt(encodeLinkNotice(notice)));
  assert(accepted && complete);
  const next = new RecordSealer(6, bytes(8));
  const check = { type: "ping", token: 1, epoch: 5, number: 2 } as const;
  const change = { type: "epoch", epoch: 6, secret: bytes(8), lastNumber: 1 } as const;
  const stream = join(
    accepted,
    ...table,
    complete,
    ...sealer.sealLog([encodeLinkUpdate(gone)]),
    sealer.sealChainSignature(SERVER),
    server.encrypt(encodeLinkNotice(check)),
    server.encrypt(encodeLinkNotice(change)),
    ...next.sealLog([encodeLinkUpdate(ROW)]),
  );
  const messages = byteByByte(stream).flatMap((
    byte,
  ): LinkServerMessage[] => [...client.push(byte)]);
  client.end();
  assertEquals<unknown>(messages, [notices[0], ROW, notices[1], gone, check, change, ROW]);
  assertEquals(client.unsignedRecords, 1);
});

test("link: whoever changes the welcome on the way is found out with the first message", () => {
  const changed = new TextDecoder().decode(WELCOME).replace("Hi", "Ho");
  assertCode("not-authentic", () => connect(new TextEncoder().encode(changed)));
});

test("link: a login that another server's key accepts is refused", () => {
  const link = connect();
  assertCode("not-authentic", () => tell(link, acceptedNotice(link, { key: USER })));
  const other = connect();
  const elsewhere = { ...other, handshakeHash: bytes(0) };
  assertCode("not-authentic", () => tell(other, acceptedNotice(elsewhere)));
});

test("link: nothing but a refusal comes before the login is accepted", () => {
  const refusal = { type: "refusal", code: 6, text: "full" } as const;
  assertEquals(tell(connect(), refusal), [refusal]);
  const early: readonly LinkNotice[] = [
    completeNotice(new RecordSealer(5, SECRET)),
    { type: "ping", token: 1, epoch: 5, number: 0 },
    { type: "epoch", epoch: 6, secret: SECRET, lastNumber: 0 },
    { type: "call-me", session: SESSION },
  ];
  for (const notice of early) assertCode("not-authentic", () => tell(connect(), notice));
  const { client } = connect();
  const [record] = new RecordSealer(5, SECRET).sealLog([encodeLinkUpdate(ROW)]);
  assert(record);
  assertCode("not-authentic", () => [...client.push(record)]);
});

test("link: a login is accepted once", () => {
  const link = connect();
  tell(link, acceptedNotice(link));
  assertCode("not-authentic", () => tell(link, acceptedNotice(link)));
});

test("link: a client that watches gets updates in messages of its own, and no records", () => {
  const link = connect();
  const accepted = acceptedNotice(link, { isWatching: true });
  assertEquals(tell(link, accepted), [accepted]);
  const complete = completeNotice(new RecordSealer(5, SECRET));
  assertEquals(tell(link, complete), [complete]);
  const block = link.server.encrypt(encodeLinkUpdate(ROW));
  assertEquals([...link.client.push(block)], [ROW]);
  const epoch = { type: "epoch", epoch: 6, secret: SECRET, lastNumber: 0 } as const;
  assertCode("not-authentic", () => tell(link, epoch));
  const [record] = new RecordSealer(5, SECRET).sealLog([encodeLinkUpdate(ROW)]);
  assert(record);
  assertCode("not-authentic", () => [...link.client.push(record)]);
});

test("link: to a client that gets records no update comes outside of them", () => {
  const link = connect();
  tell(link, acceptedNotice(link));
  const block = link.server.encrypt(encodeLinkUpdate(ROW));
  assertCode("not-authentic", () => [...link.client.push(block)]);
});

test("link: blocks of other kinds, replayed and changed ones end the connection", () => {
  const hostile = (change: (block: Uint8Array) => Uint8Array): void => {
    const { client, server } = connect();
    const block = server.encrypt(encodeLinkNotice({ type: "refusal", code: 6, text: "" }));
    assertCode("not-authentic", () => [...client.push(change(block))]);
  };
  for (const kind of [0, 2, 3, 4, 0x45, 0xff]) hostile((block) => block.with(2, kind));
  hostile(() => encodeFrame(new Uint8Array()));
  hostile(() => encodeFrame(Uint8Array.of(1)));
  hostile((block) => block.with(9, (block[9] ?? 0) ^ 1));
  hostile((block) => join(block, block));
  const { client, server } = connect();
  const block = client.encrypt(encodeLinkClientMessage({ type: "ping", token: 1 }));
  assertCode("not-authentic", () => [...server.push(block.with(5, (block[5] ?? 0) ^ 1))]);
});

test("link: nothing is encrypted before the handshake, and no long block is taken from a client", () => {
  const end = [...new GreetingDecoder().push(WELCOME)].at(-1);
  assert(end?.type === "welcome-end" && end.offer !== undefined);
  const client = new LinkClient(end.offer, bytes(6));
  assertThrows(() => client.encrypt(bytes(1)), Error, "handshake");
  const { prologue } = end.offer;
  const server = new LinkServer({ prologue, staticKey: STATIC, ephemeralKey: bytes(7) });
  assertThrows(() => server.encrypt(bytes(1)), Error, "handshake");
  assertCode("block-too-long", () => [...server.push(Uint8Array.of(0x10, 0x01))]);
});

test("link: a client's unknown messages are skipped, a malformed login is an error", () => {
  const { client, server } = connect();
  assertCode("overrun", () => [...server.push(client.encrypt(Uint8Array.of(1)))]);
  const second = connect();
  const login = encodeLinkLogin({
    ...{ name: "a", port: 1, identity: bytes(1), signature: bytes(1, 64), capabilities: 0 },
    ...{ status: "", addresses: [], previousSession: new Uint8Array() },
    availability: "online",
  });
  assertEquals([...second.server.push(second.client.encrypt(login))].length, 1);
  assertEquals([...second.server.push(second.client.encrypt(Uint8Array.of(0x7f)))], []);
});
