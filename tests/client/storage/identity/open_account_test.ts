import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import {
  type Account,
  NoKeyError,
  openAccount,
} from "../../../../client/storage/identity/open_account.ts";
import { Profile } from "../../../../client/storage/profile.ts";
import { UsageError } from "../../../../server/platform/cli/flags.ts";

/** A folder for a key, and what was said of it. */
class Place implements AsyncDisposable {
  readonly #parent = Deno.makeTempDirSync();
  readonly folder = `${this.#parent}/mim`;
  readonly alarms: string[] = [];

  async open(
    more: { classic?: boolean; profile?: Profile } = {},
  ): Promise<Account> {
    const profile = new Profile(this.folder);
    const alarm = (text: string) => this.alarms.push(text);
    return await openAccount({ profile, classic: false, alarm, ...more });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    assertEquals(this.alarms, []);
    await Deno.remove(this.#parent, { recursive: true });
  }
}

Deno.test("own key: made for who chats, the same at the next start, with what was learned", async () => {
  await using place = new Place();
  let first: Uint8Array | undefined;
  {
    using key = await place.open();
    first = key.identity?.toBytes();
    await key.store?.pinServer("mim.example:4242", new Uint8Array(32).fill(7));
  }
  using again = await place.open();
  assertEquals(again.identity?.toBytes(), first);
  assertEquals(await again.store?.serverKey("mim.example:4242"), new Uint8Array(32).fill(7));
});

Deno.test("own key: none with --classic, or where there is no folder; it says why", async () => {
  await using place = new Place();
  using classic = await place.open({ classic: true });
  assertEquals([classic.identity, classic.store, classic.whyNot], [
    undefined,
    undefined,
    "--classic",
  ]);
  const profile = new Profile(undefined, {}, "no place for it");
  const { reason } = await assertRejects(() => place.open({ profile }), NoKeyError);
  assertEquals(reason, "no place for it");
});

Deno.test("own key: a folder that can't be made is no reason to go without", async () => {
  await using place = new Place();
  await Deno.writeTextFile(`${place.folder}`, "");
  const profile = new Profile(`${place.folder}/mim`);
  await assertRejects(() => place.open({ profile }), UsageError);
});

Deno.test("own key: a damaged one, or unreadable contacts, is no reason to begin anew", async () => {
  await using place = new Place();
  {
    using _ = await place.open();
  }
  using db = new DatabaseSync(`${place.folder}/contacts.db`);
  db.exec("PRAGMA user_version = 99");
  db.close();
  await assertRejects(() => place.open(), UsageError, "a newer MIM has written it");
  await Deno.writeTextFile(`${place.folder}/identity.key`, "{");
  await assertRejects(() => place.open(), UsageError, "is damaged");
});

Deno.test("own key: files that were open to others are closed, and the usual folder, too", {
  ignore: Deno.build.os === "windows",
}, async () => {
  for (const isUsual of [true, false]) {
    await using place = new Place();
    const profile = new Profile(place.folder, {}, "", isUsual);
    {
      using _ = await place.open({ profile });
    }
    await Deno.chmod(place.folder, 0o755);
    const names = [
      ...["identity.key", "identity.lock", "contacts.db", "contacts.lock", "config.json"],
      ...["ignored.json", "ignored.damaged-2026-11-29-2.json", "history.damaged-2026-01-01.db-wal"],
      ...["identity.2026-01-01.key", "identity.key.1f0c.new", "contacts.db.version1"],
      ...["input.history", "input.history.new", "window.address"],
    ];
    const files = names.map((name) => `${place.folder}/${name}`);
    const others = ["files.zip", "notes.txt", "history.db2"].map((name) =>
      `${place.folder}/${name}`
    );
    for (const file of [...files, ...others]) {
      await Deno.open(file, { write: true, create: true }).then((made) => made.close());
      await Deno.chmod(file, 0o666);
    }
    using _ = await place.open({ profile });
    for (const file of files) {
      assertEquals(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600, file);
    }
    for (const file of others) {
      assertEquals(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o666, `${file} is not MIM's`);
    }
    const mode = ((await Deno.stat(place.folder)).mode ?? 0) & 0o777;
    assertEquals(mode, isUsual ? 0o700 : 0o755, "a folder that was named may be shared");
    assertEquals(place.alarms.splice(0).length, isUsual ? 0 : 1);
  }
});

Deno.test("own key: a folder that was named, and in which others can write, is said to be so", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using place = new Place();
  await Deno.mkdir(place.folder);
  await Deno.chmod(place.folder, 0o777);
  using _ = await place.open();
  assertStringIncludes(place.alarms.splice(0).join(), "Other users can write in");
});

Deno.test("own key: a folder that was named, and into which others can look, is said to be so", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using place = new Place();
  await Deno.mkdir(place.folder);
  for (const mode of [0o755, 0o750, 0o701]) {
    await Deno.chmod(place.folder, mode);
    using _ = await place.open();
    assertStringIncludes(place.alarms.splice(0).join(), "Other users can look into");
  }
  await Deno.chmod(place.folder, 0o700);
  using _ = await place.open();
  assertEquals(place.alarms, []);
});

Deno.test("own key: a half-written one that a killed program has left is removed", async () => {
  await using place = new Place();
  await Deno.mkdir(place.folder, { mode: 0o700 });
  await Deno.writeTextFile(`${place.folder}/identity.key.1f0c.new`, "{");
  using _ = await place.open();
  const names = [...Deno.readDirSync(place.folder)].map(({ name }) => name);
  assertEquals(names.filter((name) => name.endsWith(".new")), []);
});

Deno.test("rooms or transfers that can't be files are named at the start", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using place = new Place();
  await Deno.mkdir(place.folder, { mode: 0o700 });
  for (const [name, what] of [["rooms", "rooms"], ["files", "transfers of files"]]) {
    for (const part of [".db", ".db-wal", ".lock"]) {
      const path = `${place.folder}/${name}${part}`;
      const start = `Your ${what} can't be used: ${path}`;
      await Deno.mkdir(path);
      await assertRejects(
        () => place.open(),
        UsageError,
        `${start} must be a file, but it is a folder`,
      );
      await Deno.remove(path);
      await new Deno.Command("mkfifo", { args: [path] }).output();
      await assertRejects(
        () => place.open(),
        UsageError,
        `${start} must be a file, but it is a pipe`,
      );
      await Deno.remove(path);
      await Deno.symlink(`${place.folder}/gone`, path);
      await assertRejects(() => place.open(), UsageError, `${start} is a link that leads nowhere`);
      await Deno.remove(path);
    }
  }
});

Deno.test("own key: a new one beside what belongs to another one is told of, once", async () => {
  for (const [name, what] of [["contacts.db", "contacts"], ["rooms.db", "rooms"]] as const) {
    await using place = new Place();
    (await place.open())[Symbol.dispose]();
    await Deno.remove(`${place.folder}/identity.key`);
    if (name !== "contacts.db") {
      await Deno.rename(`${place.folder}/contacts.db`, `${place.folder}/${name}`);
    }
    (await place.open())[Symbol.dispose]();
    const [alarm, ...others] = place.alarms.splice(0);
    assertStringIncludes(
      String(alarm),
      `identity.key is missing in ${place.folder}, where your ${what} are, so MIM has made a new key`,
    );
    assertEquals(others, []);
    (await place.open())[Symbol.dispose](); // once: the place is silent from here on
  }
});
