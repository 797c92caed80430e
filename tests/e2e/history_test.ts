/** The history with someone, as text and as JSON. */

import { assertEquals, assertMatch } from "@std/assert";
import { History } from "../../client/storage/history/mod.ts";
import { keyTag } from "../../protocol/mod.ts";
import { dataFolderIn, newHome, runToEndIn } from "../helpers/programs.ts";

const AT = new Date(2026, 10, 20, 12).getTime();

/** A home whose history has so many messages with bob. */
async function homeWith(count: number): Promise<string> {
  const home = newHome();
  const folder = dataFolderIn(home);
  await Deno.mkdir(folder, { recursive: true });
  const history = await History.open(`${folder}/history.db`, (text) => {
    throw new Error(text);
  });
  if (history === undefined) throw new TypeError("expected a history");
  for (let index = 0; index < count; index++) {
    history.append({
      peer: { name: index === 2 ? "eve" : "bob", address: "192.0.2.8" },
      type: index % 2 === 0 ? "received" : "sent",
      text: `line ${index}\nand \x1b[2J more\u202e`,
      at: AT,
    });
  }
  await history.close();
  return home;
}

Deno.test("history export: text, oldest first, safe to print", async () => {
  const home = await homeWith(4);
  const { code, stdout } = await runToEndIn(home, "client", "history", "export", "Bob");
  assertEquals(code, 0);
  const lines = stdout.trimEnd().split("\n");
  assertEquals(lines.filter((_, index) => index % 2 === 0), [
    "2026-11-20 12:00 bob: line 0",
    "2026-11-20 12:00 me: line 1",
    "2026-11-20 12:00 me: line 3",
  ]);
  assertMatch(lines[1] ?? "", /^ {4}and [^\p{C}]+ more\ufffd$/u);
});

Deno.test("history export: the user's own name for someone, unless it is somebody's", async () => {
  const home = await homeWith(3);
  const history = await History.open(`${dataFolderIn(home)}/history.db`, () => {});
  history?.append({ thread: "bob", alias: "Bobby" });
  history?.append({ thread: "carl", alias: "eve" });
  await history?.close();
  for (const [who, first] of [["bobby", "bob: line 0"], ["eve", "eve: line 2"]] as const) {
    const { code, stdout } = await runToEndIn(home, "client", "history", "export", who);
    assertEquals([code, stdout.split("\n")[0]], [0, `2026-11-20 12:00 ${first}`]);
  }
});

Deno.test("history export: one person, by whichever name and by the key", async () => {
  const home = await homeWith(1);
  const history = await History.open(`${dataFolderIn(home)}/history.db`, () => {});
  const key = new Uint8Array(32).fill(7);
  const tag = keyTag(key);
  const stranger = { name: `zoe~${tag}`, address: "192.0.2.9" };
  for (const peer of [{ ...stranger, name: "rob" }, stranger]) {
    const mark = `${peer === stranger ? ">" : ""}${key.toHex()}00`;
    history?.append({ peer, type: "received", text: peer.name, at: AT, mark });
  }
  history?.renameThread("rob", "robert");
  history?.append({ thread: "robert", otherName: "bobby" });
  history?.append({ thread: "robert", alias: "Bert" });
  await history?.close();
  const exported = async (who: string) => {
    const { stdout, stderr } = await runToEndIn(home, "client", "history", "export", who);
    return stdout.trimEnd().slice("2026-11-20 12:00 ".length) || stderr.trimEnd();
  };
  for (const who of ["Robert", "rob", "BOBBY", "bert", `robert~${tag}`]) {
    assertEquals(await exported(who), "robert: rob", who);
  }
  for (const who of ["zoe", `Zoe~${tag}`]) {
    assertEquals(await exported(who), `zoe~${tag}: zoe~${tag}`, who);
  }
  assertMatch(await exported(`~${tag}`), /could mean ".+", ".+"/);
});

Deno.test("history export: JSON that any parser reads, of more than a page", async () => {
  const home = await homeWith(2_500);
  const command = ["history", "export", "bob", "--format", "json"];
  const { code, stdout } = await runToEndIn(home, "client", ...command);
  assertEquals(code, 0);
  assertEquals(/[^\x20-\x7e\n]/.test(stdout), false);
  const messages = JSON.parse(stdout);
  assertEquals(messages.length, 2_499);
  const [{ id: _, ...first }] = messages;
  assertEquals(first, {
    ...{ name: "bob", from: "them", address: "192.0.2.8", time: new Date(AT).toISOString() },
    text: "line 0\nand \x1b[2J more\u202e",
  });
});

Deno.test("history export: what is not there is said so, with exit code 2", async () => {
  const home = await homeWith(1);
  for (
    const [args, expected] of [
      [["carol"], /There is no history with "carol"/],
      [["bob", "--format", "xml"], /Expected --format text or --format json, got "xml"/],
      [[], /Expected history export NAME/],
    ] as const
  ) {
    const { code, stderr, stdout } = await runToEndIn(home, "client", "history", "export", ...args);
    assertEquals([code, stdout], [2, ""], stderr);
    assertMatch(stderr, expected);
  }
});
