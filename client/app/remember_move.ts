import { shortAddress } from "../../protocol/mod.ts";
import { type Messenger, placeOf } from "../core/mod.ts";
import type { Profile } from "../storage/mod.ts";
import { parseServers } from "./login_options.ts";

/** If the config file's server has moved, writes its new address there; `onFailed` hears why it can't. */
export function rememberMove(
  messenger: Messenger,
  profile: Profile,
  onFailed: (error: unknown) => void,
): void {
  messenger.subscribe((event) => {
    if (event.type !== "server-moved" || profile.folder === undefined) return;
    if (profile.whyLocked("server") !== undefined) return;
    const [configured, ...others] = parseServers(profile.config.server ?? "localhost");
    if (others.length > 0 || placeOf(configured) !== placeOf(event.from)) return;
    profile.set({ server: shortAddress(event.server) }).catch(onFailed);
  });
}
