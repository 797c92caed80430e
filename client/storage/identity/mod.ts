/**
 * The user's private key: its file, its backup under a passphrase, and loading it at the start. Never
 * sends a key anywhere.
 *
 * @module
 */

export { IdentityFile } from "./identity_file.ts";
export {
  openKeyBackup,
  parseKeyBackup,
  sealKeyBackup,
  WrongPassphraseError,
} from "./key_backup.ts";
export { loadIdentity } from "./load_identity.ts";
export { rotateIdentity } from "./rotate_identity.ts";
export { type Account, NoKeyError, openAccount } from "./open_account.ts";
