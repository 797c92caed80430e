import { type Emit, EXIT, partialNotice, partialSearchNotice, userBadges } from "../app/mod.ts";
import type { Messenger } from "../core/mod.ts";
import { nameKey } from "../../protocol/mod.ts";
import { DEFAULT_TIMEOUT_MS, logIn } from "./find_user.ts";

/** @param part only those whose names contain it are listed; undefined for all */
export async function whoCommand(
  messenger: Messenger,
  emit: Emit,
  part?: string,
): Promise<number> {
  await logIn(messenger, DEFAULT_TIMEOUT_MS);
  if (part !== undefined) await messenger.users.search(part);
  const users = [...messenger.users].filter(({ name }) =>
    nameKey(name).includes(nameKey(part ?? ""))
  );
  const badges = userBadges(messenger, users);
  users.forEach((user, index) =>
    emit({ type: "user", number: index + 1, user, badges: badges[index] })
  );
  emit({ type: "users", count: users.length, ...part !== undefined && { part } });
  const notice = part === undefined
    ? partialNotice(messenger, "who PART")
    : partialSearchNotice(messenger, part);
  if (notice !== undefined) emit({ type: "note", text: notice });
  return EXIT.done;
}
