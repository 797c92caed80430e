/**
 * The server's key, and which name belongs to which key: the contents of its data folder.
 *
 * @module
 */

export { areNamesOpen, Backup, serverFilesIn, writeBackup } from "./backup.ts";
export { defaultDataDir, whyNoDataDir } from "./data_dir.ts";
export { NameAdmin, type OwnedName } from "./name_admin.ts";
export { type SharedClaim, USE_NEWS_MS } from "./name_registry.ts";
export { type ClaimSigner, DataDirError, ServerIdentity } from "./server_identity.ts";
export { dayOf, rotateKey } from "./rotations.ts";
