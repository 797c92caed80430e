import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import {
  ClientError,
  DiskFullError,
  Identity,
  type Transfer,
} from "../../../../client/core/mod.ts";
import { openFiles } from "../../../../client/storage/mod.ts";
import { DiskTargetFolder } from "../../../../client/storage/files/target_folder.ts";
import { poll } from "../../../helpers/wait.ts";
import { BreakingNetwork, FilePair, MIB, offered } from "./file_pair.ts";

Deno.test("files: a link that breaks again and again costs little, and the file arrives whole", async () => {
  await using pair = new FilePair();
  const network = new BreakingNetwork(pair.network.machine(), [2e6, 3e6, 500, 4e6, 1e6]);
  const { bob, chat } = await pair.call({ ada: { network } });
  const path = await pair.file("x", 12 * MIB + 5);
  const { taken, given } = await offered(bob, () => chat.sendFile(path));
  await taken.accept();
  await Promise.all([taken.done, given.done]);
  assertEquals(await Deno.readFile(taken.location ?? ""), await Deno.readFile(path));
  assertEquals(network.links, 6);
  assertLess(network.written, 12 * MIB * 1.5);
});

Deno.test("files: who can't be dialed dials, for the file link, too", async () => {
  await using pair = new FilePair();
  // Whatever bob dials is refused: he was called, and has to be dialed.
  const machine = pair.network.machine();
  const network = {
    listen: (at: Parameters<typeof machine.listen>[0]) => machine.listen(at),
    connect: async (to: Parameters<typeof machine.connect>[0]) => {
      if (to.port !== pair.network.server.port) throw new Deno.errors.ConnectionRefused("firewall");
      return await machine.connect(to);
    },
  };
  const { bob, chat } = await pair.call({ bob: { network } });
  const path = await pair.file("x", MIB);
  const { taken, given } = await offered(bob, () => chat.sendFile(path));
  await taken.accept();
  await Promise.all([taken.done, given.done]);
});

Deno.test("files: after a restart of the taker only what is missing is fetched, and what is there is checked", async () => {
  await using pair = new FilePair();
  const identity = Identity.generate();
  const network = new BreakingNetwork(pair.network.machine(), [6e6, 0, 0, 0, 0, 0, 0, 0]);
  const { bob, chat } = await pair.call({ ada: { network }, bob: { identity } });
  const path = await pair.file("x", 12 * MIB);
  const { taken, given } = await offered(bob, () => chat.sendFile(path));
  await taken.accept();
  await poll(() => taken.bytes >= 4 * MIB && taken.state === "waiting", "the link to break");
  await bob.quit();
  const [part = ""] = pair.received;
  assert(/^\.[0-9a-f]{16}\.part$/.test(part), part);
  // A piece that was damaged meanwhile is noticed.
  using file = await Deno.open(`${pair.downloads}/${part}`, { write: true });
  await file.seek(MIB + 100, Deno.SeekMode.Start);
  await file.write(new Uint8Array([1, 2, 3]));
  network.written = 0;
  const again = await pair.user("bob", { identity });
  const [resumed] = again.files.all;
  await resumed?.done;
  await given.done;
  assertEquals(await Deno.readFile(`${pair.downloads}/x`), await Deno.readFile(path));
  assertLess(network.written, 9.5 * MIB);
  assertEquals(pair.received, ["x"]);
});

Deno.test("files: after a restart of the giver the offer stands, and the file goes on", async () => {
  await using pair = new FilePair();
  const identity = Identity.generate();
  const network = new BreakingNetwork(pair.network.machine(), [4e6, 0, 0, 0, 0, 0, 0, 0]);
  const { ada, bob, chat } = await pair.call({ ada: { network, identity } });
  await chat.send("so that ada is known");
  const path = await pair.file("x", 8 * MIB);
  const { taken } = await offered(bob, () => chat.sendFile(path));
  await taken.accept();
  await poll(() => taken.bytes >= 2 * MIB && taken.state === "waiting", "the link to break");
  await ada.quit();
  const again = await pair.user("ada", { identity });
  await taken.done;
  await again.files.all[0]?.done;
  assertEquals(await Deno.readFile(`${pair.downloads}/x`), await Deno.readFile(path));
});

Deno.test("files: an offer that waits in the outbox survives a restart", async () => {
  await using pair = new FilePair();
  const [identity, key] = [Identity.generate(), Identity.generate()];
  const { ada, bob, chat } = await pair.call({ ada: { identity }, bob: { identity: key } });
  await (await chat.send("hello")).delivered;
  await bob.quit();
  await poll(() => chat.state !== "open", "bob to be gone");
  const path = await pair.file("x", 5);
  const contact = ada.trust.contacts.find(({ name }) => name === "bob");
  assert(contact);
  const given = await ada.chats.with(contact).sendFile(path);
  await poll(() => given.state === "offered", "the offer to be made");
  await poll(() => ada.outbox.length > 0, "the offer to be stored");
  assertEquals(ada.outbox.map(({ text }) => text), ["📎 x (5 bytes)"]);
  await ada.quit();
  const again = await pair.user("ada", { identity });
  assertEquals(again.outbox.map(({ text }) => text), ["📎 x (5 bytes)"]);
  const files = await openFiles(`${pair.folder}/bob2`, { downloads: pair.downloads });
  const back = await pair.network.login("bob", { files, identity: key });
  await poll(() => back.files.all.length === 1, "the offer to come");
  const [taken] = back.files.all;
  await taken?.accept();
  await taken?.done;
  await again.files.all[0]?.done;
  await back.quit();
  files[Symbol.dispose]();
});

Deno.test("files: what waits from an earlier run is there after a login, however slow the disk is", async () => {
  await using pair = new FilePair();
  const [identity, key] = [Identity.generate(), Identity.generate()];
  const { ada, bob, chat } = await pair.call({ ada: { identity }, bob: { identity: key } });
  await (await chat.send("hello")).delivered;
  await bob.quit();
  await poll(() => chat.state !== "open", "bob to be gone");
  const contact = ada.trust.contacts.find(({ name }) => name === "bob");
  assert(contact);
  await ada.chats.with(contact).sendFile(await pair.file("x", 5));
  await poll(() => ada.outbox.length > 0, "the offer to be stored");
  await ada.quit();
  const files = await openFiles(`${pair.folder}/ada`, { downloads: pair.downloads });
  const read = files.transfers.bind(files);
  let turns = 200;
  files.transfers = async () => {
    await poll(() => --turns <= 0, "a slow disk");
    return await read();
  };
  const again = await pair.network.login("ada", { files, identity });
  assertEquals([turns, again.outbox.length, again.files.all.length], [0, 1, 1]);
  await again.quit();
  files[Symbol.dispose]();
});

Deno.test("files: a source that has changed, or has gone, is said on both sides", async () => {
  for (const change of ["other", "gone", "longer"]) {
    await using pair = new FilePair();
    const { bob, chat } = await pair.call();
    const path = await pair.file("x", 3 * MIB);
    const { taken, given } = await offered(bob, () => chat.sendFile(path));
    if (change === "gone") await Deno.remove(path);
    else if (change === "longer") await Deno.writeFile(path, new Uint8Array(3 * MIB + 1));
    else await Deno.writeFile(path, new Uint8Array(3 * MIB));
    await taken.accept();
    for (const transfer of [taken, given]) {
      await assertRejects(() => transfer.done, ClientError);
      assertEquals(transfer.reason, "changed", change);
    }
    // The end may be known over the chat before what has come is removed.
    await poll(() => pair.received.length === 0, `nothing to be left (${change})`);
  }
});

Deno.test("files: of a folder with a file that has gone, the others arrive", async () => {
  await using pair = new FilePair();
  const { bob, chat } = await pair.call();
  for (const name of ["a", "b", "c"]) await pair.file(`all/${name}`, MIB + 1);
  const { taken } = await offered(bob, () => chat.sendFile(`${pair.folder}/sources/all`));
  await Deno.remove(`${pair.folder}/sources/all/b`);
  await taken.accept();
  await assertRejects(() => taken.done, ClientError);
  assertEquals([taken.reason, taken.detail], ["changed", "1 of 3 files"]);
  const names = Array.from(Deno.readDirSync(`${pair.downloads}/all`), ({ name }) => name);
  assertEquals(names.sort(), ["a", "c"]);
});

Deno.test("files: a folder of which every file has gone or changed ends on both sides", async () => {
  for (const change of ["gone", "changed", "one of two folders"]) {
    await using pair = new FilePair();
    const { bob, chat } = await pair.call();
    const sources = `${pair.folder}/sources`;
    for (const name of ["a", "deep/b"]) await pair.file(`all/${name}`, MIB + 1);
    await pair.file("other/c", 5);
    const isOne = change === "one of two folders";
    if (!isOne) await Deno.mkdir(`${sources}/all/deep/empty`);
    const paths = isOne ? [`${sources}/all`, `${sources}/other`] : [`${sources}/all`];
    const { taken, given } = await offered(bob, () => chat.sendFile(paths));
    for (const path of [`${sources}/all/a`, `${sources}/all/deep/b`]) {
      if (change === "changed") await Deno.writeFile(path, new Uint8Array(MIB + 1));
      else await Deno.remove(path);
    }
    await taken.accept();
    for (const transfer of [taken, given]) {
      await assertRejects(() => transfer.done, ClientError);
      assertEquals([transfer.state, transfer.reason], ["failed", "changed"], change);
    }
    await poll(() => pair.received.join() === (isOne ? "other" : ""), `the rest alone (${change})`);
    if (!isOne) assertEquals(taken.location, undefined);
  }
});

Deno.test("files: of a folder that fails midway nothing is left, also after a restart", async () => {
  for (const restarts of [false, true]) {
    await using pair = new FilePair();
    const identity = Identity.generate();
    const network = new BreakingNetwork(pair.network.machine(), [4e6, 0, 0, 0, 0, 0, 0, 0]);
    const { bob, chat } = await pair.call({ ada: { network }, bob: { identity } });
    for (const name of ["a", "b", "c"]) await pair.file(`all/${name}`, 3 * MIB);
    await Deno.mkdir(`${pair.folder}/sources/all/deep/empty`, { recursive: true });
    const { taken } = await offered(bob, () => chat.sendFile(`${pair.folder}/sources/all`));
    await taken.accept();
    await poll(() => taken.bytes >= 3 * MIB && taken.state === "waiting", "the link to break");
    assertEquals(pair.received, ["all.part"]);
    if (restarts) await bob.quit();
    const again = restarts ? await pair.user("bob", { identity }) : bob;
    await again.files.all[0]?.cancel();
    await poll(() => pair.received.length === 0, "it to be removed");
  }
});

Deno.test("files: a pause stops the bytes, and what comes after it is the rest", async () => {
  await using pair = new FilePair();
  const { bob, chat } = await pair.call();
  const path = await pair.file("x", 20 * MIB);
  const { taken, given } = await offered(bob, () => chat.sendFile(path));
  await taken.accept();
  await poll(() => taken.bytes > 0, "bytes to come");
  taken.pause();
  const { bytes } = taken;
  assertEquals(taken.state, "paused");
  await poll(() => given.state === "waiting" || given.state === "done", "the giver to notice");
  assertLess(taken.bytes - bytes, 8 * MIB);
  taken.resume();
  await Promise.all([taken.done, given.done]);
  assertEquals(await Deno.readFile(taken.location ?? ""), await Deno.readFile(path));
});

Deno.test("files: what is cancelled half way leaves nothing behind", async () => {
  await using pair = new FilePair();
  const { bob, chat } = await pair.call();
  await pair.file("all/deep/x", 30 * MIB);
  const { taken, given } = await offered(bob, () => chat.sendFile(`${pair.folder}/sources/all`));
  await taken.accept();
  await poll(() => taken.bytes > 0, "bytes to come");
  await taken.cancel();
  await assertRejects(() => given.done, ClientError);
  assertEquals(given.reason, "declined");
  await poll(() => pair.received.length === 0, "everything to be removed");
});

Deno.test("files: four takers are served at once, and the others learn their place", async () => {
  await using pair = new FilePair();
  const ada = await pair.user("ada");
  const path = await pair.file("x", 10 * MIB);
  const [taken, given]: [Transfer[], Transfer[]] = [[], []];
  const places: number[] = [];
  let changes = 0;
  for (let at = 0; at < 6; at++) {
    const user = await pair.user(`bob${at}`);
    const chat = await ada.chats.call(await ada.users.find(`bob${at}`, { timeoutMs: 60_000 }));
    const { taken: one, given: other } = await offered(user, () => chat.sendFile(path));
    other.pause(); // so that all of them ask before one is served
    given.push(other);
    one.addEventListener("change", () => changes++);
    one.addEventListener("change", () => one.place && places.push(one.place));
    taken.push(one);
  }
  await Promise.all(taken.map((one, at) => one.accept({ into: `${pair.folder}/in${at}` })));
  await poll(() => changes === 12, "each to wait, and to hear that the giver pauses");
  for (const one of given) one.resume();
  await Promise.all(taken.map(({ done }) => done));
  assertEquals(places.slice(0, 2).sort(), [1, 2], "whichever hears it first");
});

Deno.test("files: on a full disk a transfer pauses and says so", async () => {
  await using pair = new FilePair();
  const { bob, chat } = await pair.call();
  const path = await pair.file("x", 3 * MIB);
  const { taken } = await offered(bob, () => chat.sendFile(path));
  const { freeBytes } = DiskTargetFolder.prototype;
  DiskTargetFolder.prototype.freeBytes = () => 1_000;
  try {
    await taken.accept();
    await poll(() => taken.state === "paused", "it to pause");
    assertEquals(taken.reason, "disk-full");
  } finally {
    DiskTargetFolder.prototype.freeBytes = freeBytes;
  }
  taken.resume(); // the user need not wait until the disk is looked at again
  await taken.done;
  assert(new DiskFullError() instanceof Error);
});

Deno.test("files: of a large file no break costs more than a fiftieth", async () => {
  await using pair = new FilePair();
  const network = new BreakingNetwork(pair.network.machine(), [40e6, 30e6, 50e6]);
  const { bob, chat } = await pair.call({ ada: { network } });
  const path = await pair.file("x", 150 * MIB);
  const { taken, given } = await offered(bob, () => chat.sendFile(path));
  await taken.accept();
  await Promise.all([taken.done, given.done]);
  assert(network.written < 150 * MIB * 1.05, `${network.written}`);
});

Deno.test("files: nothing more comes from somebody who is ignored", async () => {
  await using pair = new FilePair();
  const { bob, chat } = await pair.call();
  const path = await pair.file("x", 60 * MIB);
  const { taken, given } = await offered(bob, () => chat.sendFile(path));
  await taken.accept();
  await poll(() => taken.bytes > 0, "bytes to come");
  await bob.calls.ignore({ name: "ada", address: "198.51.100.1", key: taken.identity.toHex() });
  assertEquals(taken.state, "paused");
  await poll(() => given.state === "waiting", "the giver to notice");
});

Deno.test("files: after a logout and a login they go on", async () => {
  await using pair = new FilePair();
  const network = new BreakingNetwork(pair.network.machine(), [3e6]);
  const { bob, chat } = await pair.call({ ada: { network } });
  await (await chat.send("hello")).delivered;
  const path = await pair.file("x", 6 * MIB);
  const { taken, given } = await offered(bob, () => chat.sendFile(path));
  await taken.accept();
  await poll(() => taken.bytes > MIB && taken.state === "waiting", "the link to break");
  await bob.quit();
  await bob.login();
  await Promise.all([taken.done, given.done]);
});

Deno.test("files: a program that ends closes the files that it gives first", async () => {
  await using pair = new FilePair();
  const bob = await pair.user("bob");
  const files = await openFiles(`${pair.folder}/ada`, { downloads: pair.downloads });
  const gate = Promise.withResolvers<void>();
  const order: string[] = [];
  let isReading = false;
  const open = files.open.bind(files);
  let opened = 0;
  files.open = async (source) => {
    const file = await open(source);
    if (opened++ === 0) return file; // it is read for the offer
    return {
      read: async (offset, length) => {
        isReading = true;
        await gate.promise;
        return await file.read(offset, length);
      },
      close: () => {
        order.push("closed");
        file.close();
      },
    };
  };
  const ada = await pair.network.login("ada", { files });
  const chat = await ada.chats.call(await ada.users.find("bob", { timeoutMs: 60_000 }));
  const path = await pair.file("x", 3 * MIB);
  const { taken } = await offered(bob, () => chat.sendFile(path));
  await taken.accept();
  await poll(() => isReading, "the file to be read");
  const quitting = ada.quit().then(() => order.push("ended"));
  let turns = 20;
  await poll(() => --turns <= 0, "a slow disk");
  gate.resolve();
  await quitting;
  assertEquals(order, ["closed", "ended"]);
  files[Symbol.dispose]();
});
