/**
 * The window: the client's core behind one page that a browser on this machine shows.
 *
 * @module
 */

import {
  type ClientEvent,
  DEFAULT_SERVER,
  type Emit,
  EXIT,
  type LoginOptions,
  serverAddress,
  startClient,
} from "../app/mod.ts";
import type { Profile } from "../storage/mod.ts";
import { openBrowser } from "./browser.ts";
import { WindowState } from "./state/mod.ts";
import { RequestHandler } from "./api/mod.ts";
import { PageConnections, serveWindow } from "./http/mod.ts";
import { shortAddress } from "../../protocol/mod.ts";

/** How long after its last page was closed the program ends, in milliseconds. */
const LAST_PAGE_GRACE_MS = 60_000;

/** What the window starts with. */
export interface WindowSetup extends LoginOptions {
  readonly profile: Profile;
  /** The name that stands in the name field at first. */
  readonly name: string;
  /** Whether to log in under that name at once. */
  readonly enters: boolean;
  /** Whether to open the browser. */
  readonly opens: boolean;
  /** Whether to stay when the last page is closed. */
  readonly stays: boolean;
  /** Says on stdout where the window is. */
  readonly emit: Emit;
  /** How long it stays without a page; a minute where left out. */
  readonly grace?: number;
}

/**
 * The window, until its last page has been closed for a minute, or a signal.
 *
 * @param stopped resolves to the exit code of a signal
 * @returns the exit code
 */
export async function runWindow(setup: WindowSetup, stopped: Promise<number>): Promise<number> {
  const { profile, grace = LAST_PAGE_GRACE_MS } = setup;
  const left = Promise.withResolvers<number>();
  let leaving: ReturnType<typeof setTimeout> | undefined;
  const leave = () => {
    const time = `${grace / 1000} s`;
    setup.emit({
      type: "note",
      text: `the last page was closed ${time} ago, so the window ends; with --keep it stays`,
    });
    left.resolve(EXIT.done);
  };
  const pages: PageConnections = new PageConnections({
    snapshot: () => desk.snapshot,
    run: (up, answer) => intents.run(up, answer),
    anyOpen(any) {
      clearTimeout(leaving);
      if (!any && !setup.stays) leaving = setTimeout(leave, grace);
    },
  });
  const server = setup.server ?? DEFAULT_SERVER;
  const early: ClientEvent[] = [];
  let show: Emit = (event) => early.push(event);
  const client = await startClient({ ...setup, server, emit: (event) => show(event) });
  const { messenger, archive } = client;
  const desk: WindowState = new WindowState(messenger, archive, (change) => pages.tell(change));
  desk.noKey = client.whyNoKey;
  show = (event) => {
    desk.emit(event);
    if (event.type === "hosting" || event.type === "note") setup.emit(event);
  };
  early.forEach(show);

  const login = async (name: string, typed: string) => {
    const asked = serverAddress(typed.trim() === "" ? shortAddress(server) : typed.trim());
    const same = asked.hostname === messenger.server.hostname &&
      asked.port === messenger.server.port;
    await client.login(name, same ? messenger.server : asked);
  };
  // Whether at once or, where nobody has answered, after some attempts.
  messenger.subscribe(({ type }) => {
    const { config, folder } = profile;
    if (type !== "logged-in" || folder === undefined) return;
    const now = { server: shortAddress(messenger.server), name: messenger.name };
    if (config.server === now.server && config.name === now.name) return;
    profile.set(now)
      .catch((error) => desk.say("info", `The name is not remembered: ${error.message}`));
  });
  const intents = new RequestHandler(desk, {
    login,
    async setStrangers(strangers) {
      if (profile.folder !== undefined) await profile.set({ strangers });
    },
  });

  const served = serveWindow(pages);
  try {
    const { address } = served.guard;
    setup.emit({ type: "window", address });
    if (setup.opens && !await openBrowser(served.guard.addressForOnce())) {
      setup.emit({ type: "note", text: "no browser could be opened: open that address in one" });
    }
    if (setup.enters) {
      void intents.run({ type: "login", name: setup.name, server: shortAddress(server) }, () => {});
    }
    return await Promise.race([left.promise, stopped]);
  } finally {
    clearTimeout(leaving);
    pages.close();
    await served.close();
    await client[Symbol.asyncDispose]();
    desk.close();
  }
}
