import { displayName, nameKey, type ServerAddress } from "../../protocol/mod.ts";
import { UsageError } from "../../server/platform/cli/flags.ts";
import { ClientError, Messenger, placeOf } from "../core/mod.ts";
import { reasonOf } from "../../server/platform/util/errors.ts";
import {
  downloadsDir,
  openAccount,
  type Profile,
  type Settings,
  settingsOf,
} from "../storage/mod.ts";
import { EmbeddedServer } from "./embedded_server.ts";
import { listenOptions } from "./configured_listen.ts";
import { describeError } from "./describe_error.ts";
import type { Emit } from "./events.ts";
import { isDefaultServer, type LoginOptions } from "./login_options.ts";
import { joinFound } from "./join_found.ts";
import { GiveWay } from "./give_way.ts";
import { RunningMark, type RunningProgram } from "./running_program.ts";
import { rememberMove } from "./remember_move.ts";
import { takeFiles } from "./take_files.ts";
import { noticeUpdates } from "./update_notice.ts";
import { MessageArchive } from "./message_archive.ts";
import {
  findServersByKey,
  isAnswering,
  type OfferedServer,
  searchServers,
} from "./server_search.ts";

export interface StartupOptions extends LoginOptions {
  readonly profile: Profile;
  readonly server: ServerAddress;
  readonly name: string;
  /** The face of this program, for others that are started with the same data folder. */
  readonly face: RunningProgram["face"];
  /** Receives notes, errors, and an event if a server is hosted here. */
  readonly emit: Emit;
  /** Whether the user has just chosen the server: then no other is looked for. */
  readonly isServerChosen?: boolean;
  /**
   * Receives servers that were found on the network and are not known, if none is named and none answers
   * on this machine; that login ends then, and the user chooses. Without it they are left out.
   */
  readonly onOffers?: (offers: readonly OfferedServer[]) => void;
}

/** A client that can log in; closing it logs out and saves what is to be kept. */
export interface RunningClient extends AsyncDisposable {
  readonly messenger: Messenger;
  readonly archive: MessageArchive;
  /** The settings that the config file has. */
  readonly settings: Partial<Settings>;
  /** Why there is no key, for users; undefined if there is one. */
  readonly whyNoKey: string | undefined;
  /** The link that others join the server with; undefined at a classic server. */
  serverLink(): string | undefined;
  /** Whether it was found on the network, and joined unasked: it is no choice of the user's. */
  isUnasked(server: ServerAddress): boolean;
  /** The servers on the network, unless one is named or answers on this machine. */
  search(): Promise<readonly OfferedServer[]>;
  /** Logs in, by default as before. If no server was given and none answers, starts one here. */
  login(name?: string, server?: ServerAddress | readonly ServerAddress[]): Promise<void>;
}

/**
 * @throws {NoKeyError} if there can be no key
 * @throws {UsageError} if something in the data folder can't be used, or another program uses it under the
 *   same name at the same server
 */
export async function startClient(options: StartupOptions): Promise<RunningClient> {
  const { profile, name, server, listen, emit } = options;
  await using closing = new AsyncDisposableStack();
  const archive = new MessageArchive(
    profile,
    (text, words) => emit({ type: "note", text, ...words && { words } }),
    (text) => emit({ type: "error", text }),
  );
  closing.defer(() => archive.close());
  const { identity, store, files, whyNot } = closing.use(
    await openAccount({
      profile,
      classic: options.classic,
      files: { downloads: downloadsDir(options.downloads) },
      alarm: (text) => emit({ type: "error", text }),
      keep: (message) => archive.keepIncoming(message, messenger.server),
      actions: archive,
    }),
  );
  let describe = () => ({ face: options.face, name, server: placeOf(server) });
  if (profile.folder !== undefined) {
    const mark = await RunningMark.set(profile.folder, () => describe());
    if (mark instanceof RunningMark) closing.use(mark);
    else if (!options.again) assertOther(mark.running, options);
  }
  if (options.keepsHistory) await archive.open(profile.config.history);
  const mayHost = (at: ServerAddress | readonly ServerAddress[]) =>
    options.mayHost && "hostname" in at && isDefaultServer(at);
  const hosted = new EmbeddedServer(
    server.port,
    emit,
    profile.folder,
    undefined,
    options.discovers,
  );
  const messenger: Messenger = new Messenger({
    name,
    server: [server, ...options.otherServers],
    isDefaultServer: !options.serverNamed && isDefaultServer(server),
    listen: listenOptions(listen, profile, emit),
    ...options.discovers && { findServers: findServersByKey },
    identity,
    store,
    ...files && { files },
    ignored: await archive.ignored?.read(),
    isKnownCaller: (name, address) => archive.knows(name, address),
    keylessNames: (server) => archive.keylessNames(server),
    // If the server on this machine has gone, this program takes its place.
    reconnect: async () => {
      if (mayHost(messenger.server) || giveWay.mayReturn) await hosted.start();
    },
  });
  const unasked = new Set<ServerAddress>();
  const onJoining = (servers: readonly ServerAddress[]) => servers.forEach((at) => unasked.add(at));
  const giveWay = closing.use(
    new GiveWay({ messenger, hosted, store, home: server, emit, onJoining }),
  );
  describe = () => ({
    face: options.face,
    name: messenger.name,
    server: placeOf(messenger.server),
  });
  rememberMove(messenger, profile, (error) => {
    const reason = reasonOf(error);
    const text = `The server's new address could not be saved: ${reason}`;
    emit({ type: "note", text, words: { code: "move-not-saved", values: { reason } } });
  });
  noticeUpdates(
    messenger,
    () => profile.config.updates ?? false,
    (text, words) => emit({ type: "note", text, words }),
  );
  takeFiles(
    messenger,
    () => profile.config.autofiles ?? false,
    (error) => emit({ type: "error", text: describeError(error, options.face) }),
  );
  archive.threadNames.messenger = messenger;
  closing.defer(() => archive.ignored?.write(messenger.calls.ignored));
  closing.defer(() => hosted.close());
  closing.defer(() => messenger.quit());
  try {
    await messenger.ready;
  } catch (error) {
    if (!(error instanceof ClientError && error.is("storage-failed"))) throw error;
    throw new UsageError(describeError(error, options.face));
  }
  const settings = settingsOf(profile.config);
  messenger.calls.unknownCallers = settings.strangers ?? messenger.calls.unknownCallers;
  messenger.sharesSeen = settings.seen ?? false;
  const looks = options.discovers && !options.serverNamed && !options.isServerChosen;
  let { onOffers } = options;
  /** Whether somebody else's server is joined, or the user is asked about some. */
  const goesElsewhere = async (name: string | undefined): Promise<boolean> => {
    const offers = await searchServers({ store });
    const join = (servers: readonly ServerAddress[]) => {
      onJoining(servers);
      return messenger.login(name, servers);
    };
    if (await joinFound(offers, join, emit)) return true;
    if (offers.length === 0 || onOffers === undefined) return false;
    onOffers(offers);
    onOffers = undefined; // who logs in at the same place again wants that
    return true;
  };
  const resources = closing.move();
  return {
    messenger,
    archive,
    settings,
    whyNoKey: whyNot,
    async search() {
      if (!looks || await isAnswering()) return [];
      const offers = await searchServers({ store });
      if (offers.length > 0) onOffers = undefined; // they are shown once
      return offers;
    },
    serverLink: () => hosted.link ?? messenger.serverLink,
    isUnasked: (at) => unasked.has(at),
    async login(name, at = messenger.server) {
      const login = () => messenger.login(name, at);
      if (looks && "hostname" in at && isDefaultServer(at)) {
        try {
          return await login();
        } catch (error) {
          if (!(error instanceof ClientError && error.is("server-unreachable"))) throw error;
          if (await goesElsewhere(name)) return;
        }
      }
      if (mayHost(at)) await hosted.loginOrStart(messenger, login);
      else await login();
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/**
 * Nobody is to be in the table twice by mistake: a program that runs already has to have another name or
 * server.
 *
 * @throws {UsageError} if it has not, or can't say
 */
function assertOther(running: RunningProgram | undefined, options: StartupOptions): void {
  const { name, server, serverNamed } = options;
  const isElsewhere = serverNamed && running?.server !== placeOf(server);
  if (running !== undefined && (isElsewhere || nameKey(running.name) !== nameKey(name))) return;
  const where = running === undefined
    ? ", but does not answer"
    : `, in a ${running.face}, as ${displayName(running.name)} at ${running.server}`;
  const page = running?.face === "window" ? "; the command window opens a page of it" : "";
  throw new UsageError(
    `MIM runs already with this data folder${where}${page}; --again starts another one beside it`,
  );
}
