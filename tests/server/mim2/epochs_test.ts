/** Epochs of the sealed log: every client gets each secret in time, and reads on without a gap. */

import { setImmediate } from "node:timers";
import { assert, assertEquals } from "@std/assert";
import { isLoginSigned, type LinkLogin, RecordSealer } from "../../../protocol/mod.ts";
import { ServerIdentity } from "../../../server/identity/mod.ts";
import { addOf } from "../../../server/mim2/mim2_client.ts";
import { encodeChange, SealedPresence } from "../../../server/mim2/sealed_presence.ts";
import { RecordLog } from "../../../server/presence/mod.ts";
import { Greeting, Session } from "../../../server/session/mod.ts";
import { FakeNetwork } from "../../../client/testing/fake_network.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { Mim2Client, type Mim2ClientOptions } from "../../helpers/mim2_client.ts";
import { poll } from "../../helpers/wait.ts";

const SERVER = "192.0.2.1";
const PORT = 4242;

/** A server that is nothing but sessions and the table that they are told. */
class TinyServer implements AsyncDisposable {
  readonly presence: SealedPresence;
  readonly sessions = new Map<Session, Uint8Array>();
  readonly #identity: ServerIdentity;
  readonly #greeting: Greeting;
  readonly #network: FakeNetwork;
  readonly #tick: ReturnType<typeof setInterval>;

  constructor(folder: TempFolder, network: FakeNetwork) {
    this.#network = network;
    const identity = this.#identity = new ServerIdentity(folder.path, 90);
    this.#greeting = new Greeting("Hello", {
      lines: identity.welcomeLines,
      staticKey: identity.staticKey,
    });
    this.presence = new SealedPresence((sealer) => identity.signLog(sealer), () => {});
    this.#tick = setInterval(() => this.presence.tick(performance.now()), 20);
    const listener = network.host(SERVER).listen({ hostname: SERVER, port: PORT });
    void this.#accept(listener);
  }

  /** Changes the status of everybody online, one by one. */
  changeAll(status: string): void {
    for (const [session, id] of this.sessions) {
      this.presence.change(session, rowOf(id, status), encodeChange(id, { status }));
    }
  }

  connect(name: string, options: Mim2ClientOptions = {}): Promise<Mim2Client> {
    const network = this.#network.host("192.0.2.7");
    return Mim2Client.login(PORT, name, { network, hostname: SERVER, ...options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#tick);
    for (const session of this.sessions.keys()) session.end({ by: "client", reason: "the end" });
    this.presence.broadcast.close();
    this.#identity[Symbol.dispose]();
    await Promise.resolve();
  }

  async #accept(listener: ReturnType<ReturnType<FakeNetwork["host"]>["listen"]>): Promise<void> {
    for (;;) {
      const connection = await listener.accept();
      const session = new Session(connection, "192.0.2.7", this.#greeting, {
        onHandshake: () => Promise.resolve(),
        onLogin: (session, login) => this.#logIn(session, login as LinkLogin),
        onWritten: (session, _, before) => this.presence.broadcast.moved(session, before),
        onEnd: (session) => {
          const id = this.sessions.get(session);
          this.sessions.delete(session);
          this.presence.broadcast.leave(session);
          if (id !== undefined) this.presence.delete(session, id);
        },
      });
      void session.run();
    }
  }

  #logIn(session: Session, login: LinkLogin): undefined {
    const handshakeHash = session.handshakeHash ?? new Uint8Array(0);
    assert(isLoginSigned(login, handshakeHash));
    const id = crypto.getRandomValues(new Uint8Array(8));
    this.sessions.set(session, id);
    this.presence.add(session, rowOf(id, login.status));
    this.presence.admit(session, {
      type: "accepted",
      session: id,
      signature: this.#identity.signSession(handshakeHash, id),
      address: "192.0.2.7",
      pingSeconds: 30,
      serverTime: 0,
      isAdmin: false,
    });
    return undefined;
  }
}

function rowOf(session: Uint8Array, status: string): Uint8Array {
  return addOf({
    session,
    name: session.toHex(),
    address: "192.0.2.7",
    port: 4000,
    identity: new Uint8Array(0),
    capabilities: 0,
    certificate: undefined,
    availability: "online",
    status,
    reachability: "unknown",
    addresses: [],
  });
}

function hasEverywhere(clients: readonly Mim2Client[], status: string, rows: number): boolean {
  return clients.every((client) => {
    if (client.failure !== undefined) throw client.failure;
    const { table } = client;
    return table.size === rows && [...table.values()].every((row) => row.status === status);
  });
}

Deno.test("at each epoch all clients get its secret and read on, and newcomers begin in it", async () => {
  using folder = new TempFolder();
  await using server = new TinyServer(folder, new FakeNetwork());
  const clients: Mim2Client[] = [];
  for (let epoch = 1; epoch <= 4; epoch++) {
    const coming = await Promise.all(Array.from({ length: 5 }, () => server.connect("ada")));
    for (const client of coming) assertEquals(client.all("accepted")[0]?.epoch, epoch);
    clients.push(...coming);
    server.changeAll(`before ${epoch}`);
    await server.presence.beginEpoch();
    server.changeAll(`${epoch}`);
    for (const session of server.sessions.keys()) session.send({ type: "ping", token: epoch });
    await poll(
      () => hasEverywhere(clients, `${epoch}`, clients.length),
      "what was told in the new epoch",
    );
    assertEquals(server.presence.broadcast.log.epoch, epoch + 1);
  }
  const told = clients.map((client) => client.all("epoch").map(({ epoch }) => epoch));
  assertEquals(told[0], [2, 3, 4, 5]);
  assertEquals(told.at(-1), [5]);
  await poll(() => clients.every(({ unsignedRecords }) => unsignedRecords === 0), "a signature");
  for (const client of clients) client.close();
});

Deno.test("a client that reads slowly comes through several epochs, with its own messages between", async () => {
  using folder = new TempFolder();
  const network = new FakeNetwork({ capacity: 300 });
  await using server = new TinyServer(folder, network);
  using quick = await server.connect("ada");
  using slow = await server.connect("bob");
  for (let epoch = 2; epoch < 8; epoch++) {
    for (let change = 0; change < 5; change++) {
      server.changeAll(`${epoch} ${change}`);
      for (const session of server.sessions.keys()) session.send({ type: "ping", token: change });
    }
    await server.presence.beginEpoch();
  }
  server.changeAll("done");
  await poll(() => hasEverywhere([quick, slow], "done", 2), "all changes");
  assertEquals(slow.all("epoch").at(-1)?.epoch, 7);
});

Deno.test("an epoch without a change still ends with a signed record", async () => {
  using folder = new TempFolder();
  await using server = new TinyServer(folder, new FakeNetwork());
  using ada = await server.connect("ada");
  for (let epoch = 0; epoch < 3; epoch++) await server.presence.beginEpoch();
  server.changeAll("done");
  await poll(() => hasEverywhere([ada], "done", 1), "the change");
  assertEquals(ada.all("epoch").length, 3);
});

Deno.test("at most 500 clients are told of an epoch in a turn, and then the others have theirs", async () => {
  let turns = 0;
  const sealer = new RecordSealer(1, new Uint8Array(32));
  const sign = () => new Uint8Array(0);
  const log = new RecordLog(sealer, sign, () => Infinity, () => void turns++);
  const take = (times: number) =>
    Array.from({ length: times }, () => log.view.takeEpochNotice()).filter((isTaken) => isTaken)
      .length;
  assertEquals(take(600), 500);
  assertEquals(turns, 0);
  await new Promise((resolve) => setImmediate(resolve));
  assertEquals([turns, take(100)], [1, 100]);
  await new Promise((resolve) => setImmediate(resolve));
  assertEquals(turns, 1, "nobody has to wait for a turn");
});
