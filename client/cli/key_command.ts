import { identityOf, keyTag } from "../../protocol/mod.ts";
import { EXIT } from "../app/mod.ts";
import {
  IdentityFile,
  openKeyBackup,
  parseKeyBackup,
  type Profile,
  sealKeyBackup,
  WrongPassphraseError,
} from "../storage/mod.ts";
import { PasswordPrompt } from "./password_prompt.ts";
import { UsageError } from "../../server/platform/cli/flags.ts";

/** Who finds the copy can try as many as they like. */
const MIN_PASSPHRASE_LENGTH = 8;

/** What `mim key` is to do. */
export interface KeyTask {
  readonly type: "key";
  readonly way: "export" | "import";
  /** A file; `-` for the terminal, or where stdout goes. */
  readonly file: string;
}

/**
 * `key`: writes a copy of the user's key under a passphrase, or takes one in. The passphrase comes from
 * a terminal: in an argument, a variable or a pipe it would be there for others to read.
 *
 * @param say told what there is to say
 * @returns the exit code
 * @throws {UsageError} where it can't be done; the message says what to do
 */
export async function keyCommand(
  { way, file }: KeyTask,
  profile: Profile,
  say: (text: string) => void,
): Promise<number> {
  const { folder, whyNot } = profile;
  if (folder === undefined) throw new UsageError(`there is no data folder: ${whyNot}`);
  if (!Deno.stdin.isTerminal()) {
    throw new UsageError("expected a terminal to type the passphrase at, got a pipe or a file");
  }
  const identity = new IdentityFile(folder);
  const ask = new PasswordPrompt();
  return way === "export"
    ? await exportKey(identity, file, ask, say)
    : await importKey(identity, file, ask, say);
}

async function exportKey(
  identity: IdentityFile,
  file: string,
  ask: PasswordPrompt,
  say: (text: string) => void,
): Promise<number> {
  const key = await identity.read();
  if (key === undefined) {
    throw new UsageError(`there is no key at ${identity.path} yet: the first start makes one`);
  }
  const passphrase = await ask.ask("Passphrase for the copy: ");
  if (passphrase === undefined) return EXIT.interrupted;
  if ([...passphrase].length < MIN_PASSPHRASE_LENGTH) {
    throw new UsageError(`expected a passphrase of at least ${MIN_PASSPHRASE_LENGTH} characters`);
  }
  const again = await ask.ask("The same again: ");
  if (again === undefined) return EXIT.interrupted;
  if (again !== passphrase) throw new UsageError("the two passphrases differ; nothing was written");
  const copy = await sealKeyBackup(key, passphrase);
  if (file === "-") {
    say(copy);
    return EXIT.done;
  }
  try {
    await Deno.writeTextFile(file, `${copy}\n`, { createNew: true, mode: 0o600 });
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${describeFileError(error, "write")}`);
  }
  say(
    `wrote the key ${keyTag(identityOf(key))} to ${file}; without the passphrase it is of no use`,
  );
  return EXIT.done;
}

async function importKey(
  identity: IdentityFile,
  file: string,
  ask: PasswordPrompt,
  say: (text: string) => void,
): Promise<number> {
  const copy = file === "-" ? await ask.line("The copy, one line: ") : await readBackup(file);
  if (copy === undefined) return EXIT.interrupted;
  try {
    parseKeyBackup(copy); // before anybody types a passphrase
    const passphrase = await ask.ask("Passphrase of the copy: ");
    if (passphrase === undefined) return EXIT.interrupted;
    const key = await openKeyBackup(copy, passphrase);
    const aside = await identity.replace(key);
    if (aside !== undefined) say(`the key that was there is kept as ${aside}`);
    say(`your key is ${keyTag(identityOf(key))} now; clients that run go on with the one before`);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof WrongPassphraseError)) throw error;
    throw new UsageError(`nothing was imported: ${error.message}`);
  }
}

async function readBackup(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${describeFileError(error, "read")}`);
  }
}

function describeFileError(error: unknown, way: "read" | "write"): string {
  if (error instanceof Deno.errors.NotCapable) {
    const instead = way === "write" ? "- writes it to stdout" : "- takes it from the terminal";
    return `this program may not use it; ${instead}`;
  }
  if (error instanceof Deno.errors.AlreadyExists) return "there is such a file already";
  return error instanceof Error ? error.message : String(error);
}
