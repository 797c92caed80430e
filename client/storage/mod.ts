/**
 * The files of the client: config, identity, contacts, history and ignore list. Knows files, and
 * nothing of chats or of how anything is shown.
 *
 * @module
 */

export {
  type Config,
  CONFIG_KEYS,
  type ConfigKey,
  configValue,
  DEFAULT_SETTINGS,
  describeValues,
  isConfigKey,
  isSetting,
  type Settings,
  settingsOf,
} from "./config/mod.ts";
export { createDataDir, dataDir, downloadsDir } from "./data_dir.ts";
export type { ActionHistory } from "./contacts/mod.ts";
export type {
  History,
  SearchScope,
  StoredMessage,
  StoredThread,
  ThreadFacts,
  ThreadStatus,
} from "./history/mod.ts";
export {
  type Account,
  IdentityFile,
  loadIdentity,
  NoKeyError,
  openAccount,
  openKeyBackup,
  parseKeyBackup,
  rotateIdentity,
  sealKeyBackup,
  WrongPassphraseError,
} from "./identity/mod.ts";
export { IgnoreFile } from "./ignore_file.ts";
export type { DiskFilesOptions } from "./files/mod.ts";
export { openFiles } from "./open_files.ts";
export { openHistory } from "./open_history.ts";
export { openStore } from "./open_store.ts";
export { Profile } from "./profile.ts";
