import type { Incoming } from "../../core/mod.ts";
import { createDataDir } from "../data_dir.ts";
import { IdentityFile } from "./identity_file.ts";
import type { Profile } from "../profile.ts";
import type { SqliteStore } from "../contacts/mod.ts";
import { UsageError } from "../../../server/platform/cli/flags.ts";

/** Who a client is, and whom it knows; without both it speaks classic MIM alone. */
export interface LoadedIdentity extends Disposable {
  readonly identity?: Uint8Array;
  readonly store?: SqliteStore;
  /** Why there is no key, in words for users. */
  readonly whyNot?: string;
}

/** How a key is looked for. */
export interface IdentitySetup {
  readonly profile: Profile;
  /** Whether there is to be none: `--classic`. */
  readonly classic: boolean;
  /** Whether one is made where there is none. */
  readonly makes: boolean;
  /** Told what the user must know. */
  readonly alarm: (text: string) => void;
  /** Puts what comes in into the history: false where it is there already. */
  readonly keep?: (message: Incoming) => boolean | undefined;
}

/**
 * The user's key and the keys of others. Where the folder can't be used there is none, and it says why.
 *
 * @throws {UsageError} where there is something that can't be used: going on without it, nobody would
 *   be known any more
 */
export async function loadIdentity(
  { profile, classic, makes, alarm, keep }: IdentitySetup,
): Promise<LoadedIdentity> {
  const { folder } = profile;
  if (classic) return without("--classic");
  if (folder === undefined) return without(profile.whyNot);
  const file = new IdentityFile(folder);
  // SQLite and the key are looked for at the same time: who starts waits for both.
  const loading = import("../contacts/mod.ts");
  const there = await file.read();
  let identity: Uint8Array;
  try {
    if (there === undefined && !makes) return without("there is no key yet: chatting makes one");
    await createDataDir(folder);
    identity = there ?? await file.readOrMake();
  } catch (error) {
    return without(reason(error));
  }
  try {
    const { SqliteStore } = await loading;
    const store = new SqliteStore(`${folder}/contacts.db`, { alarm, keep });
    return { identity, store, [Symbol.dispose]: () => store.close() };
  } catch (error) {
    throw new UsageError(
      `whom you know, and what waits, can't be used: ${
        reason(error)
      }; see who may write there, or ` +
        "copy the folder and name the copy with --data (--classic starts without, and encrypts nothing)",
    );
  }
}

function without(whyNot: string): LoadedIdentity {
  return { whyNot, [Symbol.dispose]: () => {} };
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
