import {
  identityOf,
  keyTag,
  MAX_ROTATIONS,
  sanitizeName,
  sanitizeText,
} from "../../protocol/mod.ts";
import { EXIT } from "../app/mod.ts";
import type { Rooms } from "../core/mod.ts";
import {
  IdentityFile,
  openKeyBackup,
  parseKeyBackup,
  type Profile,
  rotateIdentity,
  sealKeyBackup,
  WrongPassphraseError,
} from "../storage/mod.ts";
import { withStoredRooms } from "./stored_rooms.ts";
import { openPasswordPrompt, type PasswordPrompt } from "../terminal/mod.ts";
import { decodeText } from "../../server/platform/storage/text_file.ts";
import { reasonOf } from "../../server/platform/util/errors.ts";
import { UsageError } from "../../server/platform/cli/flags.ts";

/** Anyone who finds the backup can try as many passphrases as they like. */
const MIN_PASSPHRASE_LENGTH = 8;

export type KeyTask =
  | {
    readonly type: "key";
    readonly way: "export" | "import";
    /** A file; `-` for stdout, or to import from the terminal. */
    readonly file: string;
  }
  | { readonly type: "key"; readonly way: "rotate" };

/**
 * `key`: writes a backup of the user's key under a passphrase, restores one, or makes a new key that the
 * old one signs. A passphrase must be typed
 * at a terminal: others could read it in an argument, a variable or a pipe.
 *
 * @throws {UsageError} if it can't be done; the message says what to do
 */
export async function keyCommand(
  task: KeyTask,
  profile: Profile,
  say: (text: string) => void,
): Promise<number> {
  const { folder, whyNot } = profile;
  if (folder === undefined) throw new UsageError(`There is no data folder: ${whyNot}`);
  if (task.way === "rotate") return await makeNewKey(folder, say);
  const { way, file } = task;
  if (!Deno.stdin.isTerminal()) {
    throw new UsageError(
      "The passphrase must be typed at a terminal, not piped or read from a file",
    );
  }
  const identity = new IdentityFile(folder);
  const ask = await openPasswordPrompt();
  return way === "export"
    ? await exportKey(identity, file, ask, say)
    : await importKey(identity, file, ask, say);
}

async function makeNewKey(folder: string, say: (text: string) => void): Promise<number> {
  let whyNoRooms = "";
  const rooms = await withStoredRooms(folder, say, roomsOfKey).catch((error) => {
    whyNoRooms = reasonOf(error);
  });
  const { aside, newKey, contacts, lostContacts, lostServers } = await rotateIdentity(folder, say);
  say(`The previous key is kept as ${aside}`);
  say(`Your key is ${keyTag(newKey)} now, signed by the previous one`);
  say("Restart running clients. At your next login the server gives your name to the new key");
  if (contacts > 0) {
    const people = contacts === 1 ? "Your contact learns" : `Your ${contacts} contacts learn`;
    say(`${people} of it once both of you are online; compare safety numbers anew then`);
  }
  if (lostContacts.length > 0) {
    const names = lostContacts.map(sanitizeName).join(", ");
    say(
      `They have missed more than ${MAX_ROTATIONS} of your keys, and will see another key instead: ` +
        `${names}. Tell them yourself, and compare safety numbers`,
    );
  }
  if (whyNoRooms !== "") {
    say(`Your rooms can't be read: ${whyNoRooms}. The new key is not a member of any`);
  } else describeRooms(rooms ?? []).forEach(say);
  if (lostServers.length > 0) {
    say(
      `You were last there more than ${MAX_ROTATIONS} keys ago, so your name does not go with you: ` +
        lostServers.map(sanitizeText).join(", "),
    );
  }
  say("Make a new backup with mim key export FILE: the previous one has the previous key");
  return EXIT.done;
}

/** A room in which the key is a member, and whether a member could invite another key. */
interface KeyRoom {
  readonly label: string;
  readonly canInvite: boolean;
}

function roomsOfKey(rooms: Rooms): Promise<KeyRoom[]> {
  const joined = [...rooms].filter(({ state }) => state === "joined");
  return Promise.resolve(joined.map((room) => ({
    label: room.label,
    canInvite: room.members.some(({ isOwn, role }) =>
      !isOwn && role !== "guest" && (role !== "member" || room.policy.membersInvite)
    ),
  })));
}

/** Tells which rooms the new key is not a member of, and what to do. */
function describeRooms(rooms: readonly KeyRoom[]): string[] {
  if (rooms.length === 0) return [];
  const named = (some: readonly KeyRoom[]) =>
    some.map(({ label }) => sanitizeText(label)).join(", ");
  const lost = rooms.filter(({ canInvite }) => !canInvite);
  const count = rooms.length === 1 ? "your room" : `your ${rooms.length} rooms`;
  const ask = lost.length < rooms.length ? ". Ask someone there to invite it" : "";
  return [
    `The new key is not a member of ${count}: ${named(rooms)}${ask}`,
    ...lost.length === 0 ? [] : [`Nobody can invite it to ${named(lost)}: make that anew`],
  ];
}

async function exportKey(
  identity: IdentityFile,
  file: string,
  ask: PasswordPrompt,
  say: (text: string) => void,
): Promise<number> {
  const key = await identity.read();
  if (key === undefined) {
    throw new UsageError(
      `There is no key at ${identity.path} yet; the first start of the client creates one`,
    );
  }
  if (file !== "-") await assertFree(file);
  const passphrase = await ask.ask("Passphrase for the backup: ");
  if (passphrase === undefined) return EXIT.interrupted;
  if ([...passphrase].length < MIN_PASSPHRASE_LENGTH) {
    throw new UsageError(`The passphrase needs at least ${MIN_PASSPHRASE_LENGTH} characters`);
  }
  const again = await ask.ask("Repeat the passphrase: ");
  if (again === undefined) return EXIT.interrupted;
  if (again !== passphrase) throw new UsageError("The two passphrases differ; nothing was written");
  const copy = await sealKeyBackup(key, passphrase);
  if (file === "-") {
    say(copy);
    return EXIT.done;
  }
  try {
    await Deno.writeTextFile(file, `${copy}\n`, { createNew: true, mode: 0o600 });
  } catch (error) {
    throw new UsageError(`Cannot write ${file}: ${describeFileError(error, "write")}`);
  }
  say(
    `Wrote the key ${keyTag(identityOf(key))} to ${file}; it is useless without the passphrase`,
  );
  return EXIT.done;
}

/** Looks before the user types a passphrase twice. */
async function assertFree(file: string): Promise<void> {
  try {
    await Deno.lstat(file);
  } catch {
    return; // writing says what else is wrong
  }
  throw new UsageError(`Cannot write ${file}: the file exists already`);
}

async function importKey(
  identity: IdentityFile,
  file: string,
  ask: PasswordPrompt,
  say: (text: string) => void,
): Promise<number> {
  const copy = file === "-" ? await ask.line("The backup, one line: ") : await readBackup(file);
  if (copy === undefined) return EXIT.interrupted;
  try {
    parseKeyBackup(copy); // before the user types a passphrase
    const passphrase = await ask.ask("Passphrase of the backup: ");
    if (passphrase === undefined) return EXIT.interrupted;
    const key = await openKeyBackup(copy, passphrase);
    const aside = await identity.replace(key);
    if (aside !== undefined) say(`The previous key is kept as ${aside}`);
    const tag = keyTag(identityOf(key));
    say(`Your key is ${tag} now; running clients keep the previous one until they restart`);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof WrongPassphraseError)) throw error;
    throw new UsageError(`Nothing was imported: ${error.message}`);
  }
}

async function readBackup(file: string): Promise<string> {
  try {
    return decodeText(await Deno.readFile(file));
  } catch (error) {
    throw new UsageError(`Cannot read ${file}: ${describeFileError(error, "read")}`);
  }
}

function describeFileError(error: unknown, way: "read" | "write"): string {
  if (error instanceof Deno.errors.NotCapable) {
    const instead = way === "write" ? "- writes to stdout" : "- reads from the terminal";
    return `this program may not access it; ${instead}`;
  }
  if (error instanceof Deno.errors.AlreadyExists) return "the file exists already";
  return reasonOf(error);
}
