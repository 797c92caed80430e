import { assertEquals, assertLess, assertRejects } from "@std/assert";
import { createTestNetwork } from "../../../../client/testing/mod.ts";
import { ClientError } from "../../../../client/core/mod.ts";
import { poll } from "../../../helpers/wait.ts";
import { BreakingNetwork, FilePair, MIB, offered, randomBytes } from "./file_pair.ts";

Deno.test("files: a file arrives whole, under its name, beside what is there", async () => {
  await using pair = new FilePair();
  const { bob, chat } = await pair.call();
  const path = await pair.file("tree.jpg", 3 * MIB + 7);
  await Deno.mkdir(pair.downloads);
  await Deno.writeTextFile(`${pair.downloads}/tree.jpg`, "mine");
  const { given, taken } = await offered(bob, () => chat.sendFile(path));
  assertEquals([taken.path, taken.size, taken.state], ["tree.jpg", 3 * MIB + 7, "offered"]);
  assertEquals(taken.mime, "image/jpeg");
  await taken.accept();
  await Promise.all([taken.done, given.done]);
  assertEquals(taken.location, `${await Deno.realPath(pair.downloads)}/tree (2).jpg`);
  await taken.accept(); // it has come already
  assertEquals(taken.state, "done");
  assertEquals(await Deno.readFile(taken.location ?? ""), await Deno.readFile(path));
  assertEquals(await Deno.readTextFile(`${pair.downloads}/tree.jpg`), "mine");
  assertEquals((await Deno.stat(taken.location ?? "")).mode! & 0o111, 0);
  const names = Array.from(Deno.readDirSync(pair.downloads), ({ name }) => name);
  assertEquals(names.sort(), ["tree (2).jpg", "tree.jpg"]);
});

Deno.test("files: a folder arrives with empty files and those of several pieces", async () => {
  await using pair = new FilePair();
  const { bob, chat } = await pair.call();
  await pair.file("photos/a/empty", 0);
  await pair.file("photos/a/one", 5);
  await pair.file("photos/piece", MIB);
  await pair.file("photos/large", 9 * MIB + 1);
  await Deno.symlink("/etc", `${pair.folder}/sources/photos/link`);
  const folder = `${pair.folder}/sources/photos`;
  const { given, taken } = await offered(bob, () => chat.sendFile(folder));
  assertEquals([taken.path, taken.files, taken.size], ["photos", 4, 10 * MIB + 6]);
  await taken.accept();
  await Promise.all([taken.done, given.done]);
  for (const path of ["a/empty", "a/one", "piece", "large"]) {
    const [one, other] = [`${folder}/${path}`, `${pair.downloads}/photos/${path}`];
    assertEquals(await Deno.readFile(other), await Deno.readFile(one), path);
  }
  assertEquals([...Deno.readDirSync(`${pair.downloads}/photos`)].length, 3);
});

Deno.test("files: more than fit an offer go with a manifest", async () => {
  await using pair = new FilePair();
  const { bob, chat } = await pair.call();
  for (let at = 0; at < 450; at++) await pair.file(`many/${at % 7}/${at}.txt`, at % 3);
  const { given, taken } = await offered(bob, () => chat.sendFile(`${pair.folder}/sources/many`));
  assertEquals([taken.path, taken.files, taken.size], ["many", 450, 450]);
  await taken.accept();
  await Promise.all([taken.done, given.done]);
  let count = 0;
  for (let at = 0; at < 450; at++) {
    count += (await Deno.stat(`${pair.downloads}/many/${at % 7}/${at}.txt`)).size;
  }
  assertEquals(count, 450);
});

Deno.test("files: empty folders arrive, with a manifest and without one", async () => {
  for (const count of [1, 450]) {
    await using pair = new FilePair();
    const { bob, chat } = await pair.call();
    const all = `${pair.folder}/sources/all`;
    for (let at = 0; at < count; at++) await pair.file(`all/files/${at}`, 1);
    for (const path of ["empty", "deep/er"]) {
      await Deno.mkdir(`${all}/${path}`, { recursive: true });
    }
    const { given, taken } = await offered(bob, () => chat.sendFile(all));
    assertEquals([given.files, taken.path, taken.files, taken.size], [count, "all", count, count]);
    await taken.accept();
    await Promise.all([taken.done, given.done]);
    assertEquals(taken.location, `${await Deno.realPath(pair.downloads)}/all`);
    for (const path of ["all", "all/deep", "all/deep/er", "all/empty"]) {
      const entries = Array.from(Deno.readDirSync(`${pair.downloads}/${path}`), ({ name }) => name);
      const expected = path === "all" ? 3 : path === "all/deep" ? 1 : 0;
      assertEquals(entries.length, expected, `${path}: ${entries}`);
    }
  }
});

Deno.test("files: the list of many files is no progress of theirs", async () => {
  await using pair = new FilePair();
  for (let at = 0; at < 450; at++) await pair.file(`many/${at}`, 1);
  // The link breaks behind the list, which is larger than all files.
  const breaks = [32_000, 0, 0, 0, 0, 0, 0, 0];
  const network = new BreakingNetwork(pair.network.machine(), breaks);
  const { bob, chat } = await pair.call({ ada: { network } });
  const { given, taken } = await offered(bob, () => chat.sendFile(`${pair.folder}/sources/many`));
  await taken.accept();
  await poll(() => taken.bytes > 0 && taken.state === "waiting", "the link to break");
  assertLess(taken.bytes, 450);
  assertLess(given.bytes, 450);
});

Deno.test("files: an offer of several files and folders names them", async () => {
  await using pair = new FilePair();
  const { bob, chat } = await pair.call();
  const paths = [await pair.file("a", 1), await pair.file("b/x/y", 1), await pair.file("c", 1)];
  const sources = `${pair.folder}/sources`;
  const two = await offered(bob, () => chat.sendFile([paths[0] ?? "", `${sources}/b`]));
  assertEquals([two.given.path, two.taken.path], ["a, b", "a, b"]);
  await pair.file("d", 1);
  const all = ["a", "b", "c", "d"].map((name) => `${sources}/${name}`);
  const four = await offered(bob, () => chat.sendFile(all));
  assertEquals([four.given.path, four.taken.path], ["a, b, c, …", "a, b, c, …"]);
});

Deno.test("files: a blob and a stream go both ways without a disk", async () => {
  await using network = createTestNetwork();
  const [ada, bob] = [await network.login("ada"), await network.login("bob")];
  const chat = await ada.chats.call(await ada.users.find("bob", { timeoutMs: 60_000 }));
  const bytes = randomBytes(2 * MIB + 3);
  for (
    const input of [
      new File([bytes], "x.png"),
      { name: "x.png", size: bytes.length, stream: ReadableStream.from([bytes]) },
    ]
  ) {
    const { taken, given } = await offered(bob, () => chat.sendFile(input));
    const parts = await Array.fromAsync(taken.stream());
    assertEquals(new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer()), bytes);
    await given.done;
  }
  const { taken } = await offered(bob, () => chat.sendFile(new Blob([bytes])));
  const error = await assertRejects(() => taken.accept(), ClientError);
  assertEquals(error.message, "this program stores no files");
});

Deno.test("files: a stream that is read slowly is in order, and one that is not read any more ends", async () => {
  await using pair = new FilePair();
  const { bob, chat } = await pair.call();
  const bytes = randomBytes(8 * MIB + 3);
  for (const isRead of [true, false]) {
    const { taken, given } = await offered(bob, () => chat.sendFile(new Blob([bytes])));
    const reader = taken.stream().getReader();
    const parts: Uint8Array[] = [];
    await poll(() => given.bytes >= 4 * MIB, "several pieces to wait for the reader");
    for (let part = await reader.read(); !part.done && isRead; part = await reader.read()) {
      parts.push(part.value);
    }
    if (isRead) {
      assertEquals(new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer()), bytes);
      await given.done;
    } else {
      await reader.cancel();
      await assertRejects(() => given.done, ClientError);
    }
  }
});

Deno.test("files: into a folder that can't be written no offer is taken, and it stays", async () => {
  await using pair = new FilePair();
  const { bob, chat } = await pair.call();
  const path = await pair.file("x", 5);
  const { taken, given } = await offered(bob, () => chat.sendFile(path));
  for (const into of [path, `${path}/below`]) {
    const error = await assertRejects(() => taken.accept({ into }), ClientError<"transfer-failed">);
    assertEquals(error.details.reason, "unwritable");
    assertEquals([taken.state, given.state], ["offered", "offered"]);
  }
  await taken.accept();
  await Promise.all([taken.done, given.done]);
  assertEquals(pair.received, ["x"]);
});

Deno.test("files: declined and withdrawn offers end on both sides", async () => {
  await using pair = new FilePair();
  const { ada, bob, chat } = await pair.call();
  const path = await pair.file("x", 5);
  const first = await offered(bob, () => chat.sendFile(path));
  const declined = ada.waitFor("file-failed", { timeoutMs: 60_000 });
  await first.taken.cancel();
  assertEquals((await declined).transfer.reason, "declined");
  const second = await offered(bob, () => chat.sendFile(path));
  const withdrawn = bob.waitFor("file-failed", { timeoutMs: 60_000 });
  await second.given.cancel();
  assertEquals((await withdrawn).transfer.reason, "withdrawn");
  await assertRejects(() => second.taken.accept(), ClientError);
});

Deno.test("files: whoever deletes the message withdraws the files, also half way, and edits none", async () => {
  for (const when of ["before it is taken", "half way"]) {
    await using pair = new FilePair();
    const { bob, chat } = await pair.call();
    const path = await pair.file("x", 40 * MIB);
    const { taken, given } = await offered(bob, () => chat.sendFile(path));
    if (when === "half way") {
      await taken.accept();
      await poll(() => taken.bytes > 0, "bytes to come");
    }
    const target = { id: given.id, direction: "outgoing" } as const;
    await assertRejects(() => chat.edit(target, "y"), ClientError, "no text to edit");
    await chat.delete(target);
    assertEquals([given.state, given.reason], ["failed", "cancelled"]);
    await poll(() => taken.state === "failed", "the taker to hear of it");
    assertEquals(taken.reason, "withdrawn");
    await assertRejects(() => taken.accept(), ClientError);
    await poll(() => when !== "half way" || pair.received.length === 0, "the part to go");
  }
});

Deno.test("files: a classic peer takes none", async () => {
  await using network = createTestNetwork({ classic: true });
  const [ada] = [await network.login("ada"), await network.login("bob")];
  const chat = await ada.chats.call(await ada.users.find("bob", { timeoutMs: 60_000 }));
  const error = await assertRejects(() => chat.sendFile(new Blob(["x"])), ClientError);
  assertEquals(error.message, "bob's program takes no files");
});
