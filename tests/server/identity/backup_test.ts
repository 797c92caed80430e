import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import {
  areNamesOpen,
  Backup,
  serverFilesIn,
  ServerIdentity,
  writeBackup,
} from "../../../server/identity/mod.ts";
import { NameRegistry } from "../../../server/identity/name_registry.ts";
import { TempFolder } from "../../helpers/disk.ts";

const KEY = new Uint8Array(32).fill(7);

function modeOf(path: string): number {
  return (Deno.statSync(path).mode ?? 0) & 0o777;
}

/** A folder with a key, one name and a setting, and a backup of it. */
function backUp(folder: TempFolder): { data: string; file: string } {
  const data = `${folder.path}/data`;
  const file = `${folder.path}/backup`;
  {
    using identity = new ServerIdentity(data, 90);
    identity.certify("ada", KEY);
    Deno.writeTextFileSync(`${data}/access.json`, '{ "ban": { "names": ["eve"] } }');
    writeBackup(data, file); // while the files are open
  }
  return { data, file };
}

Deno.test("backup: a restored folder has the key, the names and the settings", () => {
  using folder = new TempFolder();
  const { data, file } = backUp(folder);
  const to = `${folder.path}/new/data`;
  using backup = new Backup(file);
  assertEquals(backup.nameCount, 1);
  assertEquals(backup.restore(to), undefined);
  assertEquals(serverFilesIn(to), ["server.key", "access.json", "names.db"]);
  for (const name of ["server.key", "access.json"]) {
    assertEquals(Deno.readTextFileSync(`${to}/${name}`), Deno.readTextFileSync(`${data}/${name}`));
  }
  using names = new NameRegistry(`${to}/names.db`, 90, assertNever);
  assertEquals(names.size, 1);
  assert(names.isTaken("Ada", Date.now()));
  if (Deno.build.os === "windows") return;
  for (const path of [file, ...serverFilesIn(to).map((name) => `${to}/${name}`)]) {
    assertEquals(modeOf(path), 0o600, path);
  }
  assertEquals(modeOf(to), 0o700);
});

Deno.test("backup: what was in the folder is set aside, whole", () => {
  using folder = new TempFolder();
  const { file } = backUp(folder);
  const to = `${folder.path}/other`;
  {
    using _ = new ServerIdentity(to, 90);
    assert(areNamesOpen(to));
  }
  assert(!areNamesOpen(to));
  const key = Deno.readTextFileSync(`${to}/server.key`);
  using backup = new Backup(file);
  const aside = backup.restore(to) ?? "";
  assertMatch(aside, /\/replaced-\d{4}-/);
  assertEquals(Deno.readTextFileSync(`${aside}/server.key`), key);
  assert(Deno.readTextFileSync(`${to}/server.key`) !== key);
  using _ = new ServerIdentity(aside, 90); // it can be used again
  const left = [...Deno.readDirSync(to)].map(({ name }) => name);
  assertEquals(left.filter((name) => name.startsWith("restore-")), []);
});

Deno.test("backup: a damaged one, or no backup at all, is refused", () => {
  using folder = new TempFolder();
  const { data, file } = backUp(folder);
  const whole = Deno.readFileSync(file);
  const refused = (bytes: Uint8Array, why: string) => {
    const path = `${folder.path}/damaged`;
    Deno.writeFileSync(path, bytes);
    try {
      using _ = new Backup(path);
    } catch {
      return;
    }
    throw new Error(`a backup that is ${why} was taken`);
  };
  for (const part of [0, 1, 100, whole.length / 2, whole.length - 4_096]) {
    refused(whole.slice(0, part), `${part} bytes`);
  }
  // One digit of the key that is another, as a bad disk makes it.
  const key = new TextEncoder().encode(Deno.readTextFileSync(`${data}/server.key`).trim());
  const at = new TextDecoder("latin1").decode(whole)
    .indexOf(new TextDecoder("latin1").decode(key));
  assert(at > 0);
  const changed = whole.slice();
  changed[at] = (changed[at] ?? 0) ^ 1;
  refused(changed, "another key");
  refused(crypto.getRandomValues(new Uint8Array(50_000)), "rubbish");
  refused(Deno.readFileSync(`${data}/names.db`), "the names alone");
  for (const sql of ["DELETE FROM claim", "DELETE FROM backup_file", "PRAGMA user_version = 99"]) {
    const path = `${folder.path}/changed`;
    Deno.writeFileSync(path, whole);
    {
      using db = new DatabaseSync(path);
      db.exec(sql);
    }
    refused(Deno.readFileSync(path), sql);
  }
});

Deno.test("backup: a folder without a key, or with half of one, is not backed up", () => {
  using folder = new TempFolder();
  const file = `${folder.path}/backup`;
  assertThrows(() => writeBackup(folder.path, file), Error, "is this a server's data folder?");
  Deno.writeTextFileSync(`${folder.path}/server.key`, "0707");
  assertThrows(() => writeBackup(folder.path, file), Error, "must contain a key");
  Deno.writeTextFileSync(`${folder.path}/server.key`, KEY.toHex());
  Deno.writeTextFileSync(`${folder.path}/names.db`, "no database".repeat(500));
  assertThrows(() => writeBackup(folder.path, file), Error);
  assertEquals(
    [...Deno.readDirSync(folder.path)].filter(({ name }) => name.startsWith("backup")),
    [],
  );
});

function assertNever(path: string): never {
  throw new Error(`${path} was damaged`);
}
