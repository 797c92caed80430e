import type { ClientError, MessengerOptions } from "../core/mod.ts";
import type { Profile } from "../storage/mod.ts";
import { capitalize } from "./describe_error.ts";
import type { Emit } from "./events.ts";
import type { LoginOptions } from "./login_options.ts";

/**
 * The address to listen at. If it comes from the user's own config file and is no good, the user is told and
 * logged in all the same.
 */
export function listenOptions(
  listen: LoginOptions["listen"],
  profile: Profile,
  emit: Emit,
): NonNullable<MessengerOptions["listen"]> {
  if (listen.isConfigured !== true || profile.whyLocked("listen") !== undefined) return listen;
  const onUnusable = (error: ClientError) => {
    const reason = capitalize(error.message);
    const text =
      `${reason}, as "listen" in config.json says. MIM listens elsewhere until you change that`;
    emit({ type: "error", text, words: { code: "listen-unusable", values: { reason } } });
  };
  return { ...listen, onUnusable };
}
