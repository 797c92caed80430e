import { type Emit, EXIT, userBadges } from "../app/mod.ts";
import type { Messenger } from "../core/mod.ts";
import { DEFAULT_TIMEOUT_MS, logIn } from "./find_user.ts";

export async function whoCommand(messenger: Messenger, emit: Emit): Promise<number> {
  await logIn(messenger, DEFAULT_TIMEOUT_MS);
  const users = [...messenger.users];
  const badges = userBadges(messenger, users);
  users.forEach((user, index) =>
    emit({ type: "user", number: index + 1, user, badges: badges[index] })
  );
  emit({ type: "users", count: users.length });
  return EXIT.done;
}
