/** Who is ignored, kept from one run to the next. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { IgnoreEntry } from "../../../client/core/mod.ts";
import { IgnoreFile } from "../../../client/storage/ignore_file.ts";

const eve = { name: "eve", address: "192.0.2.9", since: 1, refused: 0 };
const mallory = { address: "192.0.2.66", since: 2, refused: 5 };
const trent = { name: "trent", since: 3, refused: 0 };

/** A folder of its own, and as many clients as are wanted. */
async function inFolder(
  test: (client: () => IgnoreFile, folder: string, notes: string[]) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const notes: string[] = [];
  try {
    await test(() => new IgnoreFile(folder, (text) => notes.push(text)), folder, notes);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("ignored: who is ignored is so in the next run, with how many calls were refused", () =>
  inFolder(async (client, folder, notes) => {
    await client().write([eve, mallory]);
    assertEquals(await client().read(), [eve, mallory]);
    if (Deno.build.os !== "windows") {
      for (const { name } of Deno.readDirSync(folder)) {
        assertEquals(((await Deno.stat(`${folder}/${name}`)).mode ?? 0) & 0o777, 0o600, name);
      }
    }
    assertEquals(notes, []);
  }));

Deno.test("ignored: a list that can't be read, or not all of it, is an alarm, not a note", () =>
  inFolder(async (_, folder, notes) => {
    const alarms: string[] = [];
    const path = `${folder}/ignored.json`;
    const read = async () =>
      await new IgnoreFile(folder, (text) => notes.push(text), (text) => alarms.push(text)).read();
    await Deno.mkdir(path);
    await read();
    await Deno.remove(path);
    for (const text of ["{", JSON.stringify([eve, "mallory"])]) {
      await Deno.writeTextFile(path, text);
      await read();
    }
    assertEquals([alarms.length, notes], [3, []]);
    assertStringIncludes(alarms[0] ?? "", "Cannot read the ignore list");
  }));

Deno.test("ignored: a list that people have edited is not damaged", () =>
  inFolder(async (client, folder, notes) => {
    const path = `${folder}/ignored.json`;
    const text = `\ufeff// pests\r\n${JSON.stringify([eve]).replace("]", ", ]")}\r\n`;
    await Deno.writeTextFile(path, text);
    assertEquals(await client().read(), [eve]);
    assertEquals(notes, []);
    await Deno.writeFile(
      path,
      Uint8Array.from(JSON.stringify([{ ...eve, name: "Zo\u00eb" }]), (c) => c.charCodeAt(0)),
    );
    assertEquals(await client().read(), []);
    assertStringIncludes(notes[0] ?? "", "expected text in UTF-8, got another encoding in line 1");
    assertEquals((await Deno.readFile(path)).length > 0, true, "it stays in place");
  }));

Deno.test("ignored: a wrong entry is left out and said so, the others stay, and so does the file", () =>
  inFolder(async (client, folder, notes) => {
    const path = `${folder}/ignored.json`;
    const text = JSON.stringify([eve, { name: "dave" }, { nmae: "x" }, "mallory", mallory]);
    await Deno.writeTextFile(path, text);
    const one = client();
    const [first, dave, last, ...others] = await one.read();
    assertEquals([first, last, others], [eve, mallory, []]);
    assertEquals([dave?.name, dave?.refused], ["dave", 0], "only a time and a number are missing");
    assertMatch(
      notes[0] ?? "",
      /some entries are left out.*\(number 3, {"nmae":"x"}, and 1 more\)/,
    );
    assertEquals(notes.length, 1);
    await one.write([...await one.read(), trent]);
    assertEquals(notes.length, 1);
    const copies = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
      name.includes("damaged")
    );
    assertEquals(copies.length, 1);
    assertEquals(await Deno.readTextFile(`${folder}/${copies[0]}`), text);
    assertEquals((await client().read()).map(({ name }) => name), [
      "eve",
      "dave",
      undefined,
      "trent",
    ]);
  }));

Deno.test("ignored: where there is nothing to keep, nothing is made", () =>
  inFolder(async (client, folder) => {
    const one = client();
    assertEquals(await one.read(), []);
    await one.write([]);
    assertEquals([...Deno.readDirSync(folder)], []);
  }));

Deno.test("ignored: of two clients each keeps the other's changes, and calls add up", () =>
  inFolder(async (client) => {
    await client().write([eve, mallory]);
    const [one, other] = [client(), client()];
    await one.read();
    await other.read();
    await one.write([{ ...mallory, refused: 7 }]); // without eve
    await other.write([eve, { ...mallory, refused: 6 }, trent]);
    assertEquals(await client().read(), [{ ...mallory, refused: 8 }, trent]);
    await other.write([trent]);
    assertEquals(await client().read(), [trent]);
  }));

Deno.test("ignored: clients that write at once lose nothing", () =>
  inFolder(async (client) => {
    const entries: IgnoreEntry[] = Array.from({ length: 20 }, (_, index) => (
      { name: `user ${index}`, since: index, refused: 0 }
    ));
    await Promise.all(entries.map((entry) => client().write([entry])));
    const kept = await client().read();
    assertEquals(kept.toSorted((a, b) => a.since - b.since), entries);
  }));

for (
  const [what, text] of [
    ["is cut off", '[{ "name": "eve", "since"'],
    ["holds something else", '[{ "name": 5, "since": 1, "refused": 0 }]'],
  ] as const
) {
  Deno.test(`ignored: a file that ${what} is set aside with a note, and a new one begins`, () =>
    inFolder(async (client, folder, notes) => {
      await Deno.writeTextFile(`${folder}/ignored.json`, text);
      const one = client();
      assertEquals(await one.read(), []);
      assertEquals(notes.length, 1);
      const [aside] = [...Deno.readDirSync(folder)].map(({ name }) => name);
      assertMatch(aside ?? "", /^ignored\.damaged-\d{4}-\d\d-\d\d\.json$/);
      assertStringIncludes(notes[0] ?? "", aside ?? "");
      assertEquals(await Deno.readTextFile(`${folder}/${aside}`), text);
      await one.write([eve]);
      assertEquals(await client().read(), [eve]);
    }));
}

Deno.test("ignored: a file that can't be read is left alone, and that is said", () =>
  inFolder(async (client, folder, notes) => {
    await Deno.mkdir(`${folder}/ignored.json`);
    const one = client();
    assertEquals(await one.read(), []);
    await one.write([eve]);
    assertEquals(notes.map((note) => note.split(":")[0]), [
      "Cannot read the ignore list",
      "Cannot save the ignore list",
    ]);
  }));
