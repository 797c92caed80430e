/** Files that are offered in rooms: every member takes them from their author. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  ClientError,
  Identity,
  type MessengerOptions,
  type Room,
  type RoomMessage,
  type Transfer,
} from "../../../../client/core/mod.ts";
import { openFiles, openStore } from "../../../../client/storage/mod.ts";
import type { TestUser } from "../../../../client/testing/mod.ts";
import type { FileMessage } from "../../../../protocol/mod.ts";
import { TempFolder } from "../../../helpers/disk.ts";
import { poll } from "../../../helpers/wait.ts";
import { BreakingNetwork, FilePair, MIB, randomBytes } from "../files/file_pair.ts";

const WAIT = { timeoutMs: 30_000 } as const;

/** A room of ada's, and those who have joined it. */
class Lab implements AsyncDisposable {
  readonly pair = new FilePair();
  readonly users: TestUser[] = [];
  readonly rooms: Room[] = [];

  /** @param options those of ada, and of the others by their names */
  static async of(
    names: readonly string[],
    options: Readonly<Record<string, Partial<MessengerOptions>>> = {},
  ): Promise<Lab> {
    const lab = new Lab();
    for (const name of ["ada", ...names]) {
      lab.users.push(await lab.pair.user(name, options[name]));
    }
    lab.rooms.push(await lab.ada.rooms.create("lab"));
    for (const user of lab.users.slice(1)) await lab.join(user);
    return lab;
  }

  get ada(): TestUser {
    return this.user(0);
  }

  get room(): Room {
    const [room] = this.rooms;
    assert(room);
    return room;
  }

  user(at: number): TestUser {
    const user = this.users[at];
    assert(user);
    return user;
  }

  async join(user: TestUser): Promise<Room> {
    const invited = user.waitFor("room-invited", WAIT);
    await this.room.invite(await this.ada.users.find(user.name, WAIT));
    const { room } = await invited;
    await room.join();
    this.rooms.push(room);
    const isMember = () =>
      this.rooms.every(({ members }) =>
        members.some(({ name, role }) => name === user.name && role !== "guest")
      );
    await poll(isMember, `${user.name} to be a member for all`);
    return room;
  }

  /** Ada offers a file; resolves once the others have the offer. */
  async offer(
    path: string,
  ): Promise<{ readonly given: Transfer; readonly taken: readonly Transfer[] }> {
    const events = this.users.slice(1).map((user) => user.waitFor("file-offered", WAIT));
    const given = await this.room.sendFile(path);
    return { given, taken: (await Promise.all(events)).map(({ transfer }) => transfer) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pair[Symbol.asyncDispose]();
  }
}

const bytesAt = (transfer: Transfer | undefined) => Deno.readFile(transfer?.location ?? "");

async function offersIn(room: Room): Promise<RoomMessage[]> {
  const items = await room.history();
  return items.filter((item) => item.type === "message").filter(({ text }) => text.includes("📎"));
}

Deno.test("room files: several members take what one offers, and the author sees how far each is", async () => {
  await using lab = await Lab.of(["bob", "cyd"]);
  const path = await lab.pair.file("tree.jpg", 3 * MIB + 1);
  const sent: string[] = [];
  lab.ada.addEventListener("file-sent", ({ member }) => sent.push(member?.name ?? ""));
  const { given, taken } = await lab.offer(path);
  assertEquals(given.takers.map(({ name, state }) => `${name} ${state}`), [
    "bob offered",
    "cyd offered",
  ]);
  const [atBob] = await offersIn(lab.rooms[1] as Room);
  assertEquals([atBob?.text, atBob?.name], ["📎 tree.jpg (3.1 MB)", "ada"]);
  assert(atBob?.transfer === taken[0], "the message has the transfer");
  assertEquals([taken[0]?.id, given.id], [atBob?.id, atBob?.id]);
  assertEquals([taken[0]?.room?.label, taken[0]?.name], ["#lab", "ada"]);
  for (const [at, transfer] of taken.entries()) {
    await transfer.accept({ into: `${lab.pair.folder}/in${at}` });
  }
  await Promise.all([given.done, ...taken.map(({ done }) => done)]);
  for (const transfer of taken) assertEquals(await bytesAt(transfer), await Deno.readFile(path));
  assertEquals(given.takers.map(({ state }) => state), ["done", "done"]);
  assertEquals(sent.sort(), ["bob", "cyd"]);
  assertEquals((await offersIn(lab.room)).map(({ transfer }) => transfer), [given]);
});

Deno.test("room files: a folder goes to a newcomer, too, though all before have it", async () => {
  await using lab = await Lab.of(["bob"]);
  await lab.pair.file("photos/a", 5);
  await lab.pair.file("photos/deep/b", 70_000);
  const { given, taken } = await lab.offer(`${lab.pair.folder}/sources/photos`);
  await taken[0]?.accept({ into: `${lab.pair.folder}/bobs` });
  await given.done;
  const cyd = await lab.pair.user("cyd");
  const offered = cyd.waitFor("file-offered", WAIT);
  await lab.join(cyd);
  const { transfer } = await offered;
  await transfer.accept({ into: `${lab.pair.folder}/cyds` });
  await transfer.done;
  const names = Array.from(Deno.readDirSync(`${transfer.location}`), ({ name }) => name);
  assertEquals(names.sort(), ["a", "deep"]);
  await poll(() => given.takers.every(({ state }) => state === "done"), "ada to know it");
});

Deno.test("room files: while the author is away a taker waits, and goes on in a later run of both", async () => {
  const [identity, bobs] = [Identity.generate(), Identity.generate()];
  const pair = new FilePair();
  const stores = {
    ada: await openStore(`${pair.folder}/s1`),
    bob: await openStore(`${pair.folder}/s2`),
  };
  await using _ = pair;
  const network = new BreakingNetwork(pair.network.machine(), [4e6, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  let ada = await pair.user("ada", { identity, network, store: stores.ada });
  let bob = await pair.user("bob", { identity: bobs, store: stores.bob });
  const room = await ada.rooms.create("lab");
  const invited = bob.waitFor("room-invited", WAIT);
  await room.invite(await ada.users.find("bob", WAIT));
  await (await invited).room.join();
  await poll(() => room.members.every(({ role }) => role !== "guest"), "bob to join");
  const path = await pair.file("x", 8 * MIB);
  const offered = bob.waitFor("file-offered", WAIT);
  await room.sendFile(path);
  const { transfer } = await offered;
  await transfer.accept();
  await poll(() => transfer.bytes >= MIB && transfer.state === "waiting", "the link to break");
  await ada.quit();
  await bob.quit();
  bob = await pair.user("bob", { identity: bobs, store: stores.bob });
  const [again] = bob.files.all;
  assertEquals([again?.state, again?.room?.label], ["waiting", "#lab"]);
  ada = await pair.user("ada", { identity, store: stores.ada });
  await again?.done;
  assertEquals(await Deno.readFile(`${pair.downloads}/x`), await Deno.readFile(path));
  await ada.files.all[0]?.done;
  await Promise.all([ada.quit(), bob.quit()]);
  for (const store of Object.values(stores)) store[Symbol.dispose]();
});

Deno.test("room files: whoever is removed is given nothing more, from that moment", async () => {
  await using lab = await Lab.of(["bob", "cyd", "dan"]);
  const { given, taken } = await lab.offer(await lab.pair.file("x", 8 * MIB));
  const [atBob, atCyd, atDan] = taken;
  assert(atBob && atCyd && atDan);
  // Bob's program ignores that he is removed.
  const { replica } = lab.rooms[1] as unknown as { readonly replica: object };
  Object.assign(replica, { receive: () => Promise.resolve("refused") });
  const reader = atBob.stream().getReader();
  await reader.read(); // and no further: the link stays busy
  await poll(() => given.takers.some(({ state }) => state === "active"), "bob to be served");
  for (const at of [1, 2]) await lab.room.remove(lab.user(at).publicKey ?? new Uint8Array());
  await poll(() => given.takers.length === 1, "dan alone to be left");
  const reading = (async () => {
    while (!(await reader.read()).done);
  })();
  reading.catch(() => {});
  await poll(() => atBob.state !== "active", "bob's link to end");
  assertEquals(atBob.state, "waiting");
  assert(atBob.bytes < 8 * MIB);
  await assertRejects(() => atCyd.done, ClientError);
  assertEquals(atCyd.reason, "unknown");
  await atDan.accept();
  await given.done;
  assertEquals(given.takers.map(({ name, state }) => [name, state]), [["dan", "done"]]);
  assertEquals(atBob.state, "waiting");
});

Deno.test("room files: whoever was removed and is invited again can take what is offered", async () => {
  await using lab = await Lab.of(["bob", "cyd"]);
  const bob = lab.user(1);
  const path = await lab.pair.file("x", 5);
  const { given, taken: [before] } = await lab.offer(path);
  const back = lab.ada.waitFor("file-offered", WAIT);
  const own = await lab.rooms[1]?.sendFile(await lab.pair.file("y", 7));
  const { transfer: atAda } = await back;
  await lab.room.remove(bob.publicKey ?? new Uint8Array());
  for (const transfer of [before, own, atAda]) {
    await assertRejects(() => transfer?.done ?? Promise.resolve(), ClientError);
    assertEquals(transfer?.reason, "unknown");
  }
  assertEquals(given.takers.map(({ name, state }) => `${name} ${state}`), ["cyd offered"]);
  const offers = [bob, lab.ada].map((user) => user.waitFor("file-offered", WAIT));
  const message = await lab.rooms[1]?.find(given.id);
  await lab.join(bob);
  for (const [at, offer] of offers.entries()) {
    const { transfer } = await offer;
    assertEquals([transfer.state, transfer.id], ["offered", at === 0 ? given.id : own?.id]);
    await transfer.accept({ into: `${lab.pair.folder}/in${at}` });
    await transfer.done;
    assertEquals(
      await bytesAt(transfer),
      await Deno.readFile(at === 0 ? path : path.replace("x", "y")),
    );
  }
  assert(message?.id === given.id);
  await poll(
    () => given.takers.some(({ name, state }) => name === "bob" && state === "done"),
    "ada to hear that bob has it",
  );
  await lab.user(2).files.all[0]?.accept({ into: `${lab.pair.folder}/cyds` });
  await given.done;
});

for (const isWithdrawn of [true, false]) {
  const why = isWithdrawn ? "was withdrawn meanwhile" : "is hidden as the past";
  Deno.test(`room files: to a member who is back, what ${why} is not offered again`, () =>
    offerToReturned(isWithdrawn));
}

async function offerToReturned(isWithdrawn: boolean): Promise<void> {
  await using lab = await Lab.of(["bob"]);
  if (!isWithdrawn) await lab.room.set({ showsPast: false });
  const { given, taken: [before] } = await lab.offer(await lab.pair.file("x", 5));
  await lab.room.remove(lab.user(1).publicKey ?? new Uint8Array());
  await assertRejects(() => before?.done ?? Promise.resolve(), ClientError);
  if (isWithdrawn) await given.cancel();
  await lab.join(lab.user(1));
  // Later offers come after it.
  const other = await lab.room.sendFile(await lab.pair.file("y", 5));
  await poll(() => lab.user(1).files.all.some(({ id }) => id === other.id), "the next offer");
  await poll(
    () => lab.user(1).files.all.every(({ id, state }) => id === other.id || state === "failed"),
    "the first one to stay as it was",
  );
}

Deno.test("room files: a member with two programs is done once one of them has it all", async () => {
  const identity = Identity.generate();
  using folder = new TempFolder();
  using store = await openStore(folder.path);
  using otherStore = await openStore(folder.path);
  await using lab = await Lab.of(["bob", "cyd"], { bob: { identity, store } });
  const network = lab.pair.network;
  using files = await openFiles(`${lab.pair.folder}/bobs other`, { downloads: folder.path });
  const second = await network.login("bob", { identity, store: otherStore, files });
  const { given, taken: [one] } = await lab.offer(await lab.pair.file("x", 8 * MIB));
  await poll(() => second.files.all.length > 0, "the other program to have the offer");
  const [two] = second.files.all;
  assert(one && two);
  const stateOfBob = () => given.takers.find(({ name }) => name === "bob")?.state;
  // Both are served at once.
  const reader = two.stream().getReader();
  await reader.read(); // and no further
  assertEquals([two.state, stateOfBob()], ["active", "active"]);
  const states: string[] = [];
  two.addEventListener("change", () => states.push(two.state));
  await one.accept({ into: `${lab.pair.folder}/in` });
  await one.done;
  await poll(() => stateOfBob() === "done", "ada to hear it");
  assertEquals([two.state, states], ["active", []]);
  // The end of the other one changes nothing.
  await reader.cancel();
  await poll(() => two.state === "failed", "the other to end");
  await second.quit();
  assertEquals(stateOfBob(), "done");
  await lab.user(2).files.all[0]?.accept({ into: `${lab.pair.folder}/cyds` });
  await given.done;
});

Deno.test("room files: a member with two programs has declined once none of them takes it", async () => {
  const identity = Identity.generate();
  using folder = new TempFolder();
  using store = await openStore(folder.path);
  using otherStore = await openStore(folder.path);
  await using lab = await Lab.of(["bob", "cyd"], { bob: { identity, store } });
  const second = await lab.pair.network.login("bob", { identity, store: otherStore });
  const { given, taken: [one, atCyd] } = await lab.offer(await lab.pair.file("x", 8 * MIB));
  await poll(() => second.files.all.length > 0, "the other program to have the offer");
  const [two] = second.files.all;
  assert(one && two);
  const stateOfBob = () => given.takers.find(({ name }) => name === "bob")?.state;
  const reader = two.stream().getReader();
  await reader.read(); // and no further
  await one.cancel();
  await atCyd?.accept();
  await atCyd?.done;
  await poll(() => given.takers.some(({ state }) => state === "done"), "ada to hear of cyd");
  assertEquals([stateOfBob(), given.state], ["active", "active"]);
  await reader.cancel();
  await given.done;
  assertEquals(stateOfBob(), "declined");
  await second.quit();
});

/** A room with ada, and two programs of bob's that have one data folder. */
async function withTwins(
  test: (lab: Lab, second: TestUser, login: () => Promise<TestUser>) => Promise<void>,
): Promise<void> {
  const identity = Identity.generate();
  using folder = new TempFolder();
  await using closing = new AsyncDisposableStack();
  const store = closing.use(await openStore(folder.path));
  await using lab = await Lab.of(["bob"], { bob: { identity, store } });
  const { pair } = lab;
  const login = async () => {
    const files = await openFiles(`${pair.folder}/bob`, { downloads: pair.downloads });
    closing.use(files);
    const otherStore = closing.use(await openStore(folder.path));
    return await pair.network.login("bob", { identity, store: otherStore, files });
  };
  await test(lab, await login(), login);
}

/** The only transfer of a program, once it is there. */
async function onlyTransfer(user: TestUser): Promise<Transfer> {
  await poll(() => user.files.all.length > 0, "the program to have the offer");
  const [transfer] = user.files.all;
  assert(transfer);
  return transfer;
}

Deno.test("room files: of two programs with one data folder one takes an offer, and the other shows that", () =>
  withTwins(async (lab, second, login) => {
    const { taken: [one] } = await lab.offer(await lab.pair.file("x", 5));
    const two = await onlyTransfer(second);
    const failed = second.waitFor("file-failed", WAIT);
    await one?.accept();
    await one?.done;
    const { error } = await failed;
    assertEquals([two.state, two.reason, error.details.reason], ["failed", "taken", "taken"]);
    await assertRejects(() => two.accept(), ClientError, "another program of yours");
    await second.quit();
    await lab.user(1).quit();
    const third = await login();
    assertEquals((await onlyTransfer(third)).location, one?.location);
    assertEquals(lab.pair.received, ["x"]);
    await third.quit();
  }));

Deno.test("room files: of two programs that take an offer at once one gets it", () =>
  withTwins(async (lab, second) => {
    const { given, taken: [one] } = await lab.offer(await lab.pair.file("x", 5));
    const both = [one, await onlyTransfer(second)];
    const results = await Promise.allSettled(both.map((transfer) => transfer?.accept()));
    assertEquals(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    await given.done;
    await poll(() => both.every((transfer) => transfer?.state !== "active"), "the end");
    assertEquals(both.map((transfer) => transfer?.reason).sort(), ["taken", undefined]);
    assertEquals(lab.pair.received, ["x"]);
  }));

Deno.test("room files: a program that starts while another one takes a file leaves it alone", () =>
  withTwins(async (lab, second, login) => {
    await second.quit();
    const { given, taken: [one] } = await lab.offer(await lab.pair.file("x", 5));
    given.pause();
    await one?.accept();
    await poll(() => one?.place === undefined && one?.state === "waiting", "it to wait");
    const third = await login();
    const three = await onlyTransfer(third);
    assertEquals(three.state, "waiting");
    given.resume();
    await one?.done;
    await poll(() => three.state === "failed", "the other to see it");
    assertEquals([three.reason, lab.pair.received], ["taken", ["x"]]);
    await third.quit();
  }));

Deno.test("room files: a program goes on with what another one has taken that has ended", () =>
  withTwins(async (lab, second, login) => {
    await second.quit();
    const { given, taken: [one] } = await lab.offer(await lab.pair.file("x", 5));
    given.pause();
    await one?.accept();
    const third = await login();
    const three = await onlyTransfer(third);
    await lab.user(1).quit();
    given.resume();
    await three.done;
    assertEquals(lab.pair.received, ["x"]);
    await third.quit();
  }));

/** Asks ada for what an offer has, over a chat, and claims to have it all. */
async function askDirectly(user: TestUser, id: string): Promise<void> {
  const chat = await user.chats.call(await user.users.find("ada", WAIT));
  const { connection } = chat as unknown as {
    readonly connection: { say(message: FileMessage): Promise<void> };
  };
  const offer = Uint8Array.fromHex(id);
  const token = randomBytes(16);
  await connection.say({ type: "file-link", token, offer, file: 0, isSenderDialing: true });
  await (await chat.send("is it there?")).delivered;
}

Deno.test("room files: nobody but a member is served, whatever they know of the offer", async () => {
  await using lab = await Lab.of(["bob"]);
  const { given } = await lab.offer(await lab.pair.file("x", 5));
  const [eve, guest] = [await lab.pair.user("eve"), await lab.pair.user("guest")];
  const invited = guest.waitFor("room-invited", WAIT);
  await lab.room.invite(await lab.ada.users.find("guest", WAIT));
  await invited;
  const asked: string[] = [];
  lab.ada.addEventListener("file-state", ({ transfer }) => {
    const served = transfer.takers.filter(({ state }) => state !== "offered");
    asked.push(served.map(({ name }) => name).join());
  });
  await askDirectly(eve, given.id);
  await askDirectly(guest, given.id);
  await askDirectly(lab.user(1), given.id);
  await poll(() => asked.length > 0, "bob to be served");
  assertEquals(new Set(asked), new Set(["bob"])); // and nothing was done for the others before
  assertEquals([eve.files.all, guest.files.all], [[], []]);
});

Deno.test("room files: in a room that hides its past, a newcomer is given nothing of it", async () => {
  await using lab = await Lab.of(["bob"]);
  await lab.room.set({ showsPast: false });
  const { given } = await lab.offer(await lab.pair.file("x", 5));
  const cyd = await lab.pair.user("cyd");
  const room = await lab.join(cyd);
  await lab.room.send("hello");
  await poll(() => room.unread > 0, "cyd to hear of the room");
  assertEquals(cyd.files.all, []);
  await askDirectly(cyd, given.id);
  await askDirectly(lab.user(1), given.id);
  await poll(() => given.takers.some(({ state }) => state === "waiting"), "bob to be in line");
  assertEquals(given.takers.map(({ name, state }) => `${name} ${state}`), [
    "bob waiting",
    "cyd offered",
  ]);
});

Deno.test("room files: who deletes the message withdraws the files, and a cancel deletes it", async () => {
  await using lab = await Lab.of(["bob"]);
  for (const how of ["delete", "cancel"] as const) {
    const { given, taken } = await lab.offer(await lab.pair.file(how, 5));
    if (how === "delete") await lab.room.delete(given.id);
    else await given.cancel();
    await assertRejects(() => given.done, ClientError);
    await assertRejects(() => taken[0]?.done ?? Promise.resolve(), ClientError);
    assertEquals([given.reason, taken[0]?.reason], ["cancelled", "withdrawn"]);
    const message = await lab.rooms[1]?.find(given.id);
    assertEquals([message?.isDeleted, message?.text], [true, ""]);
  }
  await assertRejects(() => lab.room.edit((lab.ada.files.all[0] as Transfer).id, "x"), ClientError);
});

Deno.test("room files: a member that declines is no reason to wait, and a file that has changed is said", async () => {
  await using lab = await Lab.of(["bob", "cyd"]);
  const path = await lab.pair.file("x", 5);
  const { given, taken } = await lab.offer(path);
  const [atBob, atCyd] = taken;
  await atBob?.cancel();
  await poll(() => given.takers.some(({ state }) => state === "declined"), "ada to hear it");
  assertEquals(given.state, "offered");
  await atCyd?.accept();
  await given.done;
  const other = await lab.pair.file("y", 2 * MIB);
  const second = await lab.offer(other);
  await Deno.writeFile(other, randomBytes(2 * MIB));
  await second.taken[0]?.accept();
  await assertRejects(() => second.given.done, ClientError);
  await second.taken[1]?.accept();
  for (const transfer of second.taken) await assertRejects(() => transfer.done, ClientError);
  assertEquals(second.taken.map(({ reason }) => reason), ["changed", "changed"]);
});

Deno.test("room files: an offer that was not written before the program ended is written by the next run, once", async () => {
  const identity = Identity.generate();
  const pair = new FilePair();
  await using _ = pair;
  const store = await openStore(`${pair.folder}/s1`);
  const ada = await pair.user("ada", { identity, store });
  const room = await ada.rooms.create("lab");
  const path = await pair.file("x", 5);
  let isStopped = false;
  Object.assign(room, {
    offer: () => {
      isStopped = true;
      return new Promise(() => {});
    },
  });
  await room.sendFile(path);
  await poll(() => isStopped, "the offer to be stored");
  await ada.quit();
  for (let run = 0; run < 2; run++) {
    const again = await pair.user("ada", { identity, store });
    const [theirs] = again.rooms.all;
    await poll(
      async () => (await offersIn(theirs as Room)).length === 1,
      "the offer to be written",
    );
    const [message] = await offersIn(theirs as Room);
    await poll(() => again.files.all[0]?.id === message?.id, "the transfer to have its id");
    assertEquals(again.files.all.length, 1);
    await again.quit();
  }
  store[Symbol.dispose]();
});

Deno.test("room files: what an ignored member offers is not shown", async () => {
  await using lab = await Lab.of(["bob", "cyd"]);
  await lab.user(2).calls.ignore({ key: `${lab.ada.publicKey}` });
  const atBob = lab.user(1).waitFor("file-offered", WAIT);
  await lab.room.sendFile(await lab.pair.file("x", 5));
  await atBob;
  await lab.rooms[1]?.send("hello, cyd");
  await poll(() => (lab.rooms[2]?.unread ?? 0) > 0, "cyd to hear of the room");
  assertEquals(lab.user(2).files.all, []);
});
