import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { IdentityFile } from "../../client/storage/identity/identity_file.ts";
import { dataFolderIn, newHome, runArgs, runToEnd } from "../helpers/programs.ts";
import { TestTerminal } from "../helpers/terminal.ts";

const PASSPHRASE = "correct horse battery staple";

/** Types what nobody is to see, as often as it is asked for. */
async function answer(terminal: TestTerminal, ...answers: [asked: RegExp, text: string][]) {
  for (const [asked, text] of answers) {
    await terminal.shows(asked);
    terminal.type(`${text}\r`);
  }
}

Deno.test("key: exported at one place, imported at another, it is the same; the old one is kept", async () => {
  const [one, other] = [newHome(), newHome()];
  const key = await new IdentityFile(dataFolderIn(one)).readOrMake();
  const copy = `${dataFolderIn(one)}/copy`;
  await using exporting = new TestTerminal([...runArgs("client", one), "key", "export", copy], 200);
  const [first = "", ...rest] = PASSPHRASE;
  const withKeys = `${first}\x1b[A\x1b[?62;22c\x1bOP${rest.join("")}\x1b[200~\x1b[201~`;
  await answer(exporting, [/Passphrase for/, withKeys], [/Repeat the passphrase/, PASSPHRASE]);
  assertEquals(await exporting.exitCode, 0, "what is no text is no part of it");
  assertEquals(exporting.output.includes("horse"), false, "nothing of it is shown");
  assertEquals(((await Deno.stat(copy)).mode ?? 0) & 0o777, 0o600);

  const before = await new IdentityFile(dataFolderIn(other)).readOrMake();
  await using importing = new TestTerminal(
    [...runArgs("client", other), "key", "import", "-"],
    200,
  );
  const text = (await Deno.readTextFile(copy)).trim();
  await answer(importing, [/The backup, one line/, text], [/Passphrase of/, PASSPHRASE]);
  assertEquals(await importing.exitCode, 0);
  assertEquals(await new IdentityFile(dataFolderIn(other)).read(), key);
  await importing.shows(/is kept as \S+/);
  const aside = /is kept as (\S+)/.exec(importing.lines.join("\n"))?.[1] ?? "";
  assertStringIncludes(await Deno.readTextFile(aside), before.toHex());
});

Deno.test("key: nothing is written where the passphrases differ, one is short, or somebody gives up", async () => {
  const home = newHome();
  await new IdentityFile(dataFolderIn(home)).readOrMake();
  const copy = `${dataFolderIn(home)}/copy`;
  const args = [...runArgs("client", home), "key", "export", copy];
  const cases: [code: number, shown: RegExp, ...answers: string[]][] = [
    [2, /The two passphrases differ/, PASSPHRASE, `${PASSPHRASE}s`],
    [2, /at least 8 characters/, "short"],
    [130, /Passphrase for/, "\x03"],
  ];
  for (const [code, shown, first = "", second = ""] of cases) {
    await using terminal = new TestTerminal(args, 200);
    await answer(terminal, [/Passphrase for/, first]);
    if (second !== "") await answer(terminal, [/Repeat the passphrase/, second]);
    assertEquals(await terminal.exitCode, code);
    await terminal.shows(shown);
  }
  assertEquals([...Deno.readDirSync(dataFolderIn(home))].map(({ name }) => name).sort(), [
    "identity.key",
    "identity.lock",
  ]);
});

Deno.test("key: a wrong passphrase changes nothing", async () => {
  const home = newHome();
  const identity = new IdentityFile(dataFolderIn(home));
  const key = await identity.readOrMake();
  const { sealKeyBackup } = await import("../../client/storage/identity/key_backup.ts");
  const copy = `${dataFolderIn(home)}/copy`;
  await Deno.writeTextFile(copy, await sealKeyBackup(new Uint8Array(32).fill(7), PASSPHRASE));
  await using terminal = new TestTerminal([...runArgs("client", home), "key", "import", copy], 200);
  await answer(terminal, [/Passphrase of/, "something else"]);
  assertEquals(await terminal.exitCode, 2);
  await terminal.shows(/Nothing was imported: the passphrase is wrong/);
  assertEquals(await identity.read(), key);
});

Deno.test("key: a file that is there is named before a passphrase is asked for", async () => {
  const home = newHome();
  await new IdentityFile(dataFolderIn(home)).readOrMake();
  const copy = `${dataFolderIn(home)}/copy`;
  await Deno.writeTextFile(copy, "mine");
  await using terminal = new TestTerminal([...runArgs("client", home), "key", "export", copy], 200);
  assertEquals(await terminal.exitCode, 2);
  await terminal.shows(/Cannot write \S+: the file exists already/);
  assertEquals(terminal.output.includes("Passphrase"), false);
  assertEquals(await Deno.readTextFile(copy), "mine");
});

Deno.test("key: a passphrase comes from a terminal alone", async () => {
  const { code, stderr } = await runToEnd("client", "key", "export", "-");
  assertEquals(code, 2);
  assertMatch(stderr, /The passphrase must be typed at a terminal/);
});
