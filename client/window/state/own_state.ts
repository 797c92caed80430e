import { type MessageArchive, type OfferedServer, offerLink } from "../../app/mod.ts";
import type { Messenger } from "../../core/mod.ts";
import { sanitizeName, sanitizeText, shortAddress } from "../../../protocol/mod.ts";
import { DEFAULT_SETTINGS } from "../../storage/mod.ts";
import type { Me, Wording } from "../messages.ts";
import { worded, wordingOf } from "./wording.ts";

/** From the sources, whose folder the user is in, a task; in a package the program's own name. */
const START_COMMAND = import.meta.url.endsWith("/own_state.ts") && !Deno.build.standalone
  ? "deno task window"
  : "mim window";

/** The window's own knowledge about the login. */
interface LoginState {
  /** Why the last one failed; undefined while it has not. */
  readonly loginProblem: Wording | undefined;
  /** The servers that were found on the network, of which the user may choose one. */
  readonly offers: readonly OfferedServer[];
  /** Why the user has no key; undefined if there is one. */
  readonly noKeyReason: string | undefined;
}

/** The user's own state, as pages show it. */
export function ownState(
  messenger: Messenger,
  archive: MessageArchive,
  { loginProblem, offers, noKeyReason }: LoginState,
): Me {
  const { name, server, state, users, availability, status } = messenger;
  const { staleSince, isPartial, total } = users;
  const { nextReconnectAt, reconnectFailure } = messenger;
  const { whyNot, profile: { config, folder, locked, problems } } = archive;
  const {
    history = true,
    bell = true,
    notify = true,
    seen = false,
    updates = false,
    listen = "",
    autofiles = false,
    rooms = "mentions",
    joins = DEFAULT_SETTINGS.joins,
    autologin = true,
  } = config;
  const settings = {
    ...{ name: config.name ?? "", server: config.server ?? "", listen, autologin, joins },
    ...{ history, bell, notify, seen, updates, autofiles, rooms },
  };
  return {
    name,
    server: shortAddress(server),
    state,
    ...(staleSince === undefined ? {} : { staleSince: staleSince.getTime() }),
    ...isPartial && { total },
    ...nextReconnectAt !== undefined && { nextAttemptAt: nextReconnectAt.getTime() },
    ...reconnectFailure !== undefined && {
      reconnectProblem: wordingOf(reconnectFailure),
    },
    availability,
    status,
    canSetStatus: messenger.serverId !== undefined,
    isAdmin: messenger.serverAdmin.isAdmin,
    unknownCallers: messenger.calls.unknownCallers,
    ...loginProblem !== undefined && { loginProblem },
    ...folder !== undefined && { settings },
    ...problems.length > 0 && { wrongSettings: problems.map(sanitizeText) },
    ...locked !== undefined && {
      locked: { file: sanitizeText(locked.path), keys: locked.locked },
    },
    serverKeyChanged: state === "offline" && messenger.serverTrust.hasRejected,
    ...offers.length > 0 && {
      found: offers.map((offer) => ({
        title: sanitizeName(offer.title),
        address: shortAddress(offer.servers[0]),
        server: offerLink(offer),
        isKnown: offer.isKnown,
      })),
    },
    startCommand: START_COMMAND,
    isServerClassic: state === "offline" && messenger.serverTrust.hasRejectedClassic,
    ...(noKeyReason === undefined ? {} : { noKeyReason: sanitizeText(noKeyReason) }),
    ...whyNot !== undefined && {
      noHistoryReason: history === false
        ? worded("It is turned off in the settings", "history-off")
        : worded(whyNot, "not-stored", { text: whyNot }),
    },
  };
}
