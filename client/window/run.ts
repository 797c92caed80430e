import { reasonOf } from "../../server/platform/util/errors.ts";
import { throttle } from "../../server/platform/util/throttle.ts";
import { type HostPort, type ServerAddress, shortAddress } from "../../protocol/mod.ts";
import {
  type ClientEvent,
  DEFAULT_SERVER,
  type Emit,
  EXIT,
  type LoginOptions,
  type OfferedServer,
  parseServers,
  type RunningClient,
  startClient,
} from "../app/mod.ts";
import { ClientError, placeOf } from "../core/mod.ts";
import type { Profile } from "../storage/mod.ts";
import { RequestHandler } from "./api/mod.ts";
import { openBrowser } from "./browser.ts";
import { PageConnections, serveWindow, type WindowFileAccess } from "./http/mod.ts";
import { findRunningWindow, WindowAddress } from "./running_window.ts";
import { WindowState, worded } from "./state/mod.ts";

/** How long after its last page was closed the program ends. */
const LAST_PAGE_GRACE_MS = 60_000;
/** The same if a page was lost, and not closed: a browser that has crashed brings its pages back. */
const LOST_PAGE_GRACE_MS = 3_600_000;

/** How often other users who ask for the page are reported at most. */
const ALARM_INTERVAL_MS = 60_000;
const USED_TWICE =
  "The address that the browser was started with was used twice: another program of " +
  "this machine may have seen the window. All its pages are closed; open the new address yourself";
const OTHER_USER =
  "Another user of this machine has asked for the window's page with its address, and " +
  "got nothing: other users can see how the browser was started. --no-open avoids that";

export interface WindowOptions extends LoginOptions {
  readonly profile: Profile;
  /** The name to suggest. */
  readonly name: string;
  /** Whether to log in under that name at once. */
  readonly enters: boolean;
  /** Whether to open the browser. */
  readonly opens: boolean;
  /** Whether to keep running when the last page is closed. */
  readonly stays: boolean;
  /** Whether to open a page of the window that runs with this data folder already, if one does. */
  readonly reuses?: boolean;
  readonly emit: Emit;
  /** Why there is no key, if the user goes on without. */
  readonly whyNoKey?: string;
  /** How long to run without a page. Default: a minute. */
  readonly graceMs?: number;
}

/**
 * Runs the window until its last page has been closed for a minute, or until a signal; resolves to
 * the exit code.
 *
 * @param stopped resolves to the exit code of a signal
 */
export async function runWindow(options: WindowOptions, stopped: Promise<number>): Promise<number> {
  const { profile, emit, graceMs = LAST_PAGE_GRACE_MS } = options;
  const { folder } = profile;
  if (options.reuses && folder !== undefined) {
    const address = await Promise.race([findRunningWindow(folder), stopped]);
    if (typeof address === "number") return address;
    if (address !== undefined) return await openRunning(address, options);
  }
  const server = options.server ?? DEFAULT_SERVER;
  const early: ClientEvent[] = [];
  let show: Emit = (event) => early.push(event);
  const offer = (offers: readonly OfferedServer[]) => {
    state.offers = offers;
    state.publishMe();
  };
  const starting = startClient({
    ...options,
    server,
    emit: (event) => show(event),
    onOffers: offer,
    face: "window",
  });
  const client = await Promise.race([starting, stopped]);
  if (typeof client === "number") return client;
  const { messenger } = client;
  const state = new WindowState(messenger, client.archive);
  state.noKeyReason = options.whyNoKey ?? client.whyNoKey;
  state.serverLink = () => client.serverLink();
  show = (event) => {
    state.handleEvent(event);
    if (event.type === "hosting" || event.type === "note") emit(event);
  };
  early.forEach(show);
  for (const text of profile.problems) {
    state.info.add("error", worded(`${text}. MIM goes on without it`, "wrong-setting", { text }));
  }
  saveLogins(client, profile, state);
  const known = new Map(
    [...options.otherServers, server].map((each): [string, ServerAddress] => [placeOf(each), each]),
  );
  messenger.subscribe(({ type }) => {
    if (type === "logged-in") known.set(placeOf(messenger.server), messenger.server);
  });
  let refused: ServerAddress | undefined;
  /** A plain address keeps the key of a link for that place, unless that link was refused. */
  const withKey = (typed: ServerAddress): ServerAddress => {
    if (typed.key !== undefined) return typed;
    const place = placeOf(typed);
    const isSame = place === placeOf(messenger.server) && refused !== messenger.server;
    return isSame ? messenger.server : known.get(place) ?? typed;
  };

  const requests = new RequestHandler(state, profile, async (name, typed) => {
    const asked = parseServers(typed.trim() === "" ? shortAddress(server) : typed.trim());
    try {
      await client.login(name, asked.length > 1 ? asked : withKey(asked[0]));
    } catch (error) {
      const isOther = error instanceof ClientError && error.is("server-key-mismatch");
      if (isOther && asked.includes(messenger.server)) refused = messenger.server;
      throw error;
    }
  });
  const pages = new PageConnections(state, requests);
  const idle = Promise.withResolvers<number>();
  let idleTimer: ReturnType<typeof setTimeout> | undefined;
  pages.onOpenChange = (isAnyOpen, isLost) => {
    clearTimeout(idleTimer);
    if (isAnyOpen || options.stays) return;
    const timeMs = isLost ? Math.max(graceMs, LOST_PAGE_GRACE_MS) : graceMs;
    idleTimer = setTimeout(() => {
      const text = `The last page was closed ${timeMs / 1000} s ago, so the window ends. ` +
        "With --keep it keeps running";
      emit({ type: "note", text });
      idle.resolve(EXIT.done);
    }, timeMs);
  };
  const mayWarn = throttle(ALARM_INTERVAL_MS);
  await using left = folder === undefined ? undefined : new WindowAddress(folder);
  const files: WindowFileAccess = {
    send: (chat, file) => requests.sendFile(chat, file),
    onAborted: (name) => {
      const text = `${name} was not sent: its page was closed, or has stopped, before all was read`;
      state.info.add("error", worded(text, "upload-aborted", { name }));
    },
    picture: (number) => state.files.picture(number),
  };
  const { guard, close } = serveWindow(pages, (alarm) => {
    if (alarm === "used-twice") emit({ type: "error", text: USED_TWICE });
    else if (mayWarn()) emit({ type: "error", text: OTHER_USER });
    if (alarm !== "used-twice") return;
    void left?.set(guard.address);
    emit({ type: "window", address: guard.address });
  }, { files });
  try {
    await left?.set(guard.address);
    emit({ type: "window", address: guard.address });
    if (options.opens && !await openBrowser(guard.createSingleUseAddress())) {
      emit({ type: "note", text: "No browser could be opened. Open that address in one" });
    }
    if (options.enters) {
      const login = { type: "login", name: options.name, server: shortAddress(server) } as const;
      void requests.handle(login, (answer) => {
        if (answer.type === "problem") state.info.add("error", answer);
      });
    } else void client.search().then(offer).catch(() => {}); // then there is nothing to choose from
    return await Promise.race([idle.promise, stopped]);
  } finally {
    clearTimeout(idleTimer);
    pages.close();
    await close();
    state.people.seeAll();
    state.close();
    await client[Symbol.asyncDispose]();
  }
}

/** Opens a page of a window that runs already. */
async function openRunning(address: string, { opens, emit }: WindowOptions): Promise<number> {
  emit({ type: "note", text: "MIM runs already, so this opens a page of that window" });
  if (!opens || !await openBrowser(address)) emit({ type: "window", address });
  return EXIT.done;
}

/** Saves name and server after every login, including those that took several attempts. */
function saveLogins(client: RunningClient, profile: Profile, state: WindowState): void {
  const { messenger } = client;
  messenger.subscribe(({ type }) => {
    const { config, folder } = profile;
    if (type !== "logged-in" || folder === undefined) return;
    const { name, server } = messenger;
    const isKept = isConfigured(config.server, server) || client.isUnasked(server);
    if (isKept && config.name === name) return;
    profile.set(isKept ? { name } : { name, server: shortAddress(server) }).catch((error) =>
      state.info.add(
        "info",
        worded(`Your name was not saved: ${reasonOf(error)}`, "name-not-saved", {
          reason: reasonOf(error),
        }),
      )
    );
  });
}

/** Whether the config file has that server already, perhaps as a link or among others. */
function isConfigured(configured: string | undefined, { hostname, port }: HostPort): boolean {
  return configured !== undefined &&
    parseServers(configured).some((each) => each.hostname === hostname && each.port === port);
}
