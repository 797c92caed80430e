import { getLogger } from "@logtape/logtape";
import { identityOf, keyTag } from "../../protocol/mod.ts";
import { readOrCreateKey } from "../platform/storage/key_file.ts";
import { assertOwn, keepPrivate } from "../platform/storage/private_file.ts";

const logger = getLogger(["mim", "server"]);

/**
 * The server's private key; creates one at the first start.
 *
 * @param hadNames whether there are names already: then a key that is not there was lost
 */
export function readServerKey(path: string, hadNames: boolean): Uint8Array {
  const { key, isNew } = readOrCreateKey(path);
  const record = { tag: keyTag(identityOf(key)), path };
  if (isNew && hadNames) {
    logger.warning(
      "{path} was missing: this server has a new key, {tag}, and clients that knew it by the old one are warned; " +
        "if the old file is found, stop the server and put it back",
      record,
    );
  } else if (isNew) logger.debug("created a key for this server, {tag}, in {path}", record);
  assertOwn(path);
  if (keepPrivate(path)) {
    logger.warning("other users could read {path}; now they can't, but one may have copied it", {
      path,
    });
  }
  return key;
}
