import * as sqlite from "node:sqlite";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { NameAdmin } from "../../../server/identity/name_admin.ts";
import { NameRegistry } from "../../../server/identity/name_registry.ts";
import {
  confusableKey,
  createRotation,
  describeUnclaimableName,
  identityOf,
} from "../../../protocol/mod.ts";
import { testKey } from "../../fixtures/keys.ts";

const DAY = 86_400_000;
const ADA = new Uint8Array(32).fill(1);
const EVE = new Uint8Array(32).fill(2);

/** A folder for as long as it is in scope, and the notes about damage. */
class Place implements Disposable {
  readonly folder = Deno.makeTempDirSync();
  readonly notes: string[] = [];
  get path(): string {
    return `${this.folder}/names.db`;
  }
  open(days = 90): NameRegistry {
    return new NameRegistry(this.path, days, (aside) => void this.notes.push(aside));
  }
  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

function isOwn(claims: NameRegistry, name: string, identity: Uint8Array, now: number): boolean {
  return claims.claim(name, identity, now) !== undefined;
}

Deno.test("the first key that takes a name owns it, in every spelling, also after a restart", () => {
  using place = new Place();
  {
    using claims = place.open();
    assert(isOwn(claims, "Ada", ADA, 0));
    assert(!isOwn(claims, "ada", EVE, 1));
    assert(isOwn(claims, "ADA", ADA, 2));
  }
  using claims = place.open();
  assert(!isOwn(claims, "ａｄａ", EVE, 3));
  assert(claims.isTaken("ada", 3));
  assert(!claims.isTaken("bob", 3));
  assertEquals(claims.size, 1);
});

Deno.test("a name goes with a chain of rotations, claimed later than before, and with no other", () => {
  using place = new Place();
  using claims = place.open();
  const [first, second, third] = [testKey(1), testKey(2), testKey(3)];
  const [one, two, three] = [identityOf(first), identityOf(second), identityOf(third)];
  const chain = [createRotation(first, second, 1), createRotation(second, third, 2)];
  const forged = chain.map((rotation) => ({ ...rotation, oldSignature: new Uint8Array(64) }));
  const claimed = claims.claim("ada", one, 100) ?? 0;
  assertEquals(claims.claim("ada", three, 101), undefined);
  assertEquals(claims.claim("ada", three, 101, forged), undefined);
  assertEquals(claims.claim("ada", three, 101, chain.slice(1)), undefined, "a link is missing");
  assertEquals(claims.claim("ada", EVE, 101, chain), undefined, "they lead to another key");
  assertEquals(claims.claim("ada", one, 101), claimed);
  const later = claims.claim("ada", three, 50, chain) ?? 0;
  assert(later > claimed);
  assertEquals(claims.claim("ada", one, 102), undefined);
  assertEquals(claims.claim("ada", two, 102, chain.slice(0, 1)), undefined, "replayed");
  assertEquals(claims.claim("ada", three, 102, chain), later);
});

Deno.test("a name that is not used for the time is free again, one that is used is not", () => {
  using place = new Place();
  using claims = place.open(90);
  claims.claim("ada", ADA, 0);
  claims.recordUse([{ name: "Ada", identity: ADA }], 80 * DAY);
  assert(!isOwn(claims, "ada", EVE, 100 * DAY));
  assert(claims.isTaken("ada", 170 * DAY));
  assert(!claims.isTaken("ada", 171 * DAY));
  assert(isOwn(claims, "ada", EVE, 171 * DAY));
  assert(!isOwn(claims, "ada", ADA, 171 * DAY));
});

Deno.test("names that are free again are forgotten", () => {
  using place = new Place();
  using claims = place.open(90);
  claims.claim("ada", ADA, 0);
  claims.claim("eve", EVE, 50 * DAY);
  claims.recordUse([], 91 * DAY);
  assertEquals(claims.size, 1);
});

Deno.test("a name goes to another key only once its last certificate has expired, and is claimed later", () => {
  using place = new Place();
  using claims = place.open(1);
  const claimed = claims.claim("ada", ADA, 5 * DAY) ?? NaN;
  assertEquals(claimed, 5 * DAY);
  assertEquals(claims.claim("ada", ADA, 20 * DAY), claimed); // certified once more
  claims.recordUse([], 49 * DAY);
  assert(!isOwn(claims, "ada", EVE, 49 * DAY));
  assertEquals(claims.claim("ada", EVE, 51 * DAY), 51 * DAY);
});

Deno.test("whoever takes a name has claimed it later than the one before, also if the clock went back", () => {
  using place = new Place();
  using claims = place.open(1);
  assertEquals(claims.claim("ada", ADA, 1_000 * DAY), 1_000 * DAY);
  using db = new sqlite.DatabaseSync(place.path);
  db.exec("UPDATE claim SET used = 0, certified = 0");
  assertEquals(claims.claim("ada", EVE, 100 * DAY), 1_000 * DAY + 1);
});

Deno.test("names of version 1 stay their keys', folded as today, and a copy of the file stays", () => {
  using place = new Place();
  {
    using db = new sqlite.DatabaseSync(place.path);
    db.exec(
      `CREATE TABLE claim (folded TEXT PRIMARY KEY, identity BLOB NOT NULL, name TEXT NOT NULL,
      claimed INTEGER NOT NULL, used INTEGER NOT NULL) STRICT, WITHOUT ROWID;
      CREATE INDEX claim_used ON claim (used);
      PRAGMA application_id = ${0x4d494d4e}; PRAGMA user_version = 1;`,
    );
    const insert = db.prepare("INSERT INTO claim VALUES (?, ?, ?, ?, ?)");
    insert.run("ada", ADA, "Ada", 5, 10 * DAY);
    insert.run("old folding of Ada", EVE, "АDA", 7, 10 * DAY);
    insert.run("bob", EVE, "bob", 6, 10 * DAY);
  }
  using claims = place.open();
  assertEquals(claims.claim("ada", ADA, 11 * DAY), 5);
  assertEquals(claims.claim("bob", EVE, 11 * DAY), 6);
  assert(!isOwn(claims, "ada", EVE, 11 * DAY));
  assertEquals(claims.size, 2);
  assertEquals(place.notes, []);
  using copy = new sqlite.DatabaseSync(`${place.path}.version1`);
  assertEquals(copy.prepare("SELECT count(*) AS n FROM claim").get()?.n, 3);
});

Deno.test("with 0 days, names are never free again", () => {
  using place = new Place();
  using claims = place.open(0);
  claims.claim("ada", ADA, 0);
  claims.recordUse([], 10_000 * DAY);
  assert(!isOwn(claims, "ada", EVE, 10_000 * DAY));
});

Deno.test("two servers with one file agree on who was first", () => {
  using place = new Place();
  using one = place.open();
  using other = place.open();
  assert(isOwn(one, "ada", ADA, 0));
  assert(!isOwn(other, "ada", EVE, 0));
});

Deno.test("the file is its owner's alone", { ignore: Deno.build.os === "windows" }, () => {
  using place = new Place();
  using claims = place.open();
  claims.claim("ada", ADA, 0);
  for (const { name } of Deno.readDirSync(place.folder)) {
    assertEquals((Deno.statSync(`${place.folder}/${name}`).mode ?? 0) & 0o777, 0o600, name);
  }
});

Deno.test("a damaged file, and another database, are set aside and stay whole", () => {
  using place = new Place();
  const damaged = crypto.getRandomValues(new Uint8Array(10_000));
  Deno.writeFileSync(place.path, damaged);
  {
    using claims = place.open();
    assert(isOwn(claims, "ada", ADA, 0));
  }
  const [aside = ""] = place.notes;
  assertMatch(aside, /names\.damaged-\d{4}-\d\d-\d\d\.db$/);
  assertEquals(Deno.readFileSync(aside), damaged);
  using again = place.open();
  assert(again.isTaken("ada", 0));
  assertEquals(place.notes.length, 1);
});

Deno.test("names that a newer version has written are left alone", () => {
  using place = new Place();
  place.open()[Symbol.dispose]();
  const db = new sqlite.DatabaseSync(place.path);
  db.exec("PRAGMA user_version = 3");
  db.close();
  assertThrows(() => place.open(), Error, "a newer MIM has written it");
  assertEquals(place.notes, []);
});

Deno.test("names that look alike are one", () => {
  const alike = [
    ["ada", "ADA", "Ａｄａ", "аdа", "a\u00adda", " ada "],
    ["straße", "STRASSE"],
    ["ΣΊΣΥΦΟΣ", "σίσυφος"],
    ["Zoë", "Zoe\u0308", "Zоё".replace("Z", "z")],
    ["a b", "a\u00a0 b"],
    ["ﬁn", "fin"],
  ];
  for (const names of alike) {
    assertEquals(new Set(names.map(confusableKey)).size, 1, names.join(", "));
  }
  const different = ["ada", "bob", "zoe", "zoë", "ада", "大阪", "おおさか", "🙂", "🙃"];
  assertEquals(new Set(different.map(confusableKey)).size, different.length);
});

Deno.test("nobody can own what is mixed of scripts, or hides something", () => {
  const fine = [
    "ada",
    "Zoë",
    "Иван",
    "Ελένη",
    "محمد",
    "דוד",
    "大阪",
    "渡辺 Ken",
    "김철수",
    "นิด",
    "R2D2",
  ]
    .concat("👩‍🚀", "J. R. 😀", "Ἀθηνᾶ", "می‌خواهم", "王小明 Ming");
  for (const name of fine) assertEquals(describeUnclaimableName(name), undefined, name);
  const bad = [
    "аda",
    "Ivаn",
    "pаypаl",
    "αda",
    "a\u200bda",
    "ad\u00ada",
    "ada\ufe0f",
    "Иvan",
    "ᎪᎠᎪ",
  ];
  for (const name of bad) assertMatch(describeUnclaimableName(name) ?? "", /^expected /, name);
});

Deno.test("name registry: a name that another server has freed is listed with the time of that", () => {
  using place = new Place();
  const now = 1_000 * DAY;
  {
    using names = new NameRegistry(place.path, 90, () => {});
    names.adopt([{ name: "ada", identity: ADA, claimed: now - DAY, used: now - DAY }], now);
    const freed = { name: "ada", identity: new Uint8Array(0), claimed: now - DAY, used: 0 };
    names.adopt([freed], now);
    names.recordUse([], now + 1);
    assertEquals(names.ownerOf("ada")?.identity.length, 0); // and is not forgotten: its old claim would come back
  }
  using admin = new NameAdmin(place.folder);
  assertEquals(admin.list().map(({ name, used }) => [name, used]), [["ada", now]]);
});

Deno.test("names: a check whether they can be written writes, without a change", () => {
  using place = new Place();
  using names = place.open();
  for (const isEmpty of [true, false]) {
    if (!isEmpty) names.claim("ada", ADA, 1);
    using other = new sqlite.DatabaseSync(place.path);
    const state = () => other.prepare("PRAGMA data_version").get()?.data_version;
    const [before, all] = [state(), names.all("all")];
    names.checkWritable();
    assert(state() !== before, "nothing was written");
    assertEquals(names.all("all"), all);
  }
});
