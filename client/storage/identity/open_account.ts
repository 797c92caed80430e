import { reasonOf } from "../../../server/platform/util/errors.ts";
import { type FileStorage, Identity, type Incoming } from "../../core/mod.ts";
import { closeDataDir, closeFiles, createDataDir } from "../data_dir.ts";
import { IdentityFile } from "./identity_file.ts";
import type { DiskFilesOptions } from "../files/mod.ts";
import type { Profile } from "../profile.ts";
import type { ActionHistory, SqliteStore } from "../contacts/mod.ts";
import { assertDatabaseFiles } from "../../../server/platform/storage/database_files.ts";
import { statOf } from "../../../server/platform/storage/regular_file.ts";
import { UsageError } from "../../../server/platform/cli/flags.ts";

/** There can be no key: only a user who asks for it may go on without encryption. */
export class NoKeyError extends UsageError {
  override readonly name = "NoKeyError";
  /** Why, for users. */
  readonly reason: string;

  constructor(reason: string) {
    super(`You have no key, so nothing can be encrypted: ${reason} (--classic does without)`);
    this.reason = reason;
  }
}

/** The identity of a client and its contacts; without them it speaks only classic MIM. */
export interface Account extends Disposable {
  readonly identity?: Identity;
  readonly store?: SqliteStore;
  /** Files and transfers. */
  readonly files?: FileStorage;
  /** Why there is no key, for users. */
  readonly whyNot?: string;
}

export interface AccountSetup {
  readonly profile: Profile;
  /** `--classic`: use none. */
  readonly classic: boolean;
  /** The folder for incoming files, and whether transfers of earlier runs go on. */
  readonly files?: Pick<DiskFilesOptions, "downloads" | "resumes">;
  /** Receives a text that the user must see. */
  readonly alarm: (text: string) => void;
  /** Adds a received message to the history: false if it is there already. */
  readonly keep?: (message: Incoming) => boolean | undefined;
  /** Does what is done with messages in the history. */
  readonly actions?: ActionHistory | undefined;
}

/**
 * Loads the user's key and the keys of others, and makes a key at the first start. There is none with
 * `--classic`; `whyNot` says so.
 *
 * @throws {NoKeyError} if there can be no key, because there is no data folder or it can't be used
 * @throws {UsageError} if a file exists that can't be used: without it, all known keys would be
 * lost
 */
export async function openAccount(
  { profile, classic, alarm, keep, actions, files: fileOptions }: AccountSetup,
): Promise<Account> {
  const { folder } = profile;
  if (folder !== undefined) closeFiles(folder, alarm);
  if (classic) return without("--classic");
  if (folder === undefined) throw new NoKeyError(profile.whyNot);
  const file = new IdentityFile(folder);
  // SQLite is loaded while the key is read, to start faster.
  const loading = import("../contacts/mod.ts");
  const there = await file.read().catch((error) => {
    throw new UsageError(
      `${reasonOf(error)} (mim key import FILE restores one, --classic starts without a key)`,
    );
  });
  assertUsable(folder);
  let identity: Identity;
  try {
    await createDataDir(folder);
    closeDataDir(folder, profile.isUsual, alarm);
    const left = there === undefined ? leftWithoutKey(folder) : undefined;
    const key = there ?? await file.readOrMake(() => left !== undefined && alarm(left));
    identity = Identity.fromBytes(key, await file.readRotations());
  } catch (error) {
    throw new NoKeyError(reasonOf(error));
  }
  try {
    const { SqliteStore } = await loading;
    const store = await SqliteStore.open(`${folder}/contacts.db`, { alarm, keep, actions });
    const { DiskFiles } = await import("../files/mod.ts");
    const files = new DiskFiles(folder, { ...fileOptions, alarm });
    const close = () => {
      files[Symbol.dispose]();
      store.close();
    };
    return { identity, store, files, [Symbol.dispose]: close };
  } catch (error) {
    const { isDiskError } = await import("../../../server/platform/storage/sqlite.ts");
    const advice = error instanceof Error && isDiskError(error.cause)
      ? "make room on the disk"
      : "check the permissions there";
    throw new UsageError(
      `Your contacts and your outbox can't be used: ${reasonOf(error)}; ${advice}, ` +
        "or copy the folder and choose the copy with --data (--classic starts without encryption)",
    );
  }
}

/** Rooms and transfers are opened later, when it is too late for a start without them. */
function assertUsable(folder: string): void {
  for (const [name, what] of [["rooms.db", "rooms"], ["files.db", "transfers of files"]] as const) {
    try {
      assertDatabaseFiles(`${folder}/${name}`);
    } catch (error) {
      throw new UsageError(
        `Your ${what} can't be used: ${reasonOf(error)} (--classic starts without)`,
      );
    }
  }
}

/** The alarm if a folder has what belongs to a key that is not there; undefined if it has nothing. */
function leftWithoutKey(folder: string): string | undefined {
  const isThere = (name: string) => statOf(`${folder}/${name}`) !== undefined;
  const [hasContacts, hasRooms] = [isThere("contacts.db"), isThere("rooms.db")];
  if (!hasContacts && !hasRooms) return undefined;
  const names = [hasContacts ? "contacts" : "", hasRooms ? "rooms" : ""].filter((name) => name);
  return `identity.key is missing in ${folder}, where your ${
    names.join(" and ")
  } are, so MIM has made a ` +
    "new key: people who know you see another key and are warned, servers may refuse your name, and " +
    "you are no member of your rooms any more. If you have the old key, end MIM and put the file " +
    "back, or restore a backup with mim key import FILE";
}

function without(whyNot: string): Account {
  return { whyNot, [Symbol.dispose]: () => {} };
}
