import { reasonOf } from "../../../server/platform/util/errors.ts";
import { whyNotReachableAt } from "../../app/mod.ts";
import {
  type Config,
  type ConfigKey,
  configValue,
  IdentityFile,
  type Profile,
  sealKeyBackup,
} from "../../storage/mod.ts";
import type { SettingKey } from "../messages.ts";
import { RequestError, type WindowState } from "../state/mod.ts";

const MIN_PASSPHRASE_LENGTH = 8;

/** The settings whose default holds if nothing is typed. */
const RESETTABLE: readonly SettingKey[] = ["name", "server", "listen"];

/** @throws {RequestError} for an invalid value */
function settingOf(key: ConfigKey, value: string): string | number | boolean {
  try {
    return configValue(key, value);
  } catch (error) {
    throw new RequestError(reasonOf(error), "invalid-setting", { text: value });
  }
}

/** The user's settings and key. */
export class SettingRequests {
  readonly #state: WindowState;
  readonly #profile: Profile;

  constructor(state: WindowState, profile: Profile) {
    this.#state = state;
    this.#profile = profile;
  }

  /** Changes a setting; an empty text resets one that is a text. */
  async set(key: SettingKey, value: string): Promise<void> {
    const { messenger } = this.#state;
    this.assertUnlocked(key);
    if (value === "" && RESETTABLE.includes(key)) return await save(this.#profile.reset(key));
    const set = settingOf(key, value);
    if (key === "listen" && await whyNotReachableAt(value) !== undefined) {
      throw new RequestError(
        `Others can't reach you at "${value}": this machine does not have that address`,
        "invalid-setting",
        { text: value },
      );
    }
    const config: Config = { [key]: set };
    // A call may follow before this is stored.
    if (config.seen !== undefined) messenger.sharesSeen = config.seen;
    if (config.strangers !== undefined) {
      messenger.calls.unknownCallers = config.strangers;
      this.#state.publishMe();
      if (this.#profile.folder === undefined) return; // it holds for this run
    }
    try {
      await save(this.#profile.set(config));
    } catch (error) {
      messenger.sharesSeen = this.#profile.config.seen ?? false;
      throw error;
    }
  }

  /** @throws {RequestError} if the machine's config file sets it */
  assertUnlocked(key: ConfigKey): void {
    const why = this.#profile.whyLocked(key);
    if (why === undefined) return;
    const file = this.#profile.locked?.path ?? "";
    throw new RequestError(`You can't change ${key}: ${why}`, "locked", { key, file });
  }

  /** The user's key, encrypted with a passphrase. */
  async exportKey(passphrase: string): Promise<string> {
    const { folder } = this.#profile;
    if ([...passphrase].length < MIN_PASSPHRASE_LENGTH) {
      const text = `The passphrase needs at least ${MIN_PASSPHRASE_LENGTH} characters`;
      throw new RequestError(text, "short-passphrase", { count: MIN_PASSPHRASE_LENGTH });
    }
    const key = folder === undefined ? undefined : await new IdentityFile(folder).read();
    if (key === undefined) throw new RequestError("You have no key", "no-key");
    return await sealKeyBackup(key, passphrase);
  }
}

/** @throws {RequestError} if a setting can't be saved */
async function save(saving: Promise<void>): Promise<void> {
  try {
    await saving;
  } catch (error) {
    const reason = reasonOf(error);
    throw new RequestError(`This could not be saved: ${reason}`, "not-saved", { reason });
  }
}
