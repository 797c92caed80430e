/** What most tests of the window start with: ada online in a window, and those she chats with. */

import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { Profile } from "../../../client/storage/profile.ts";
import type { Chat } from "../../../client/core/mod.ts";
import type { WindowOptions } from "../../../client/window/mod.ts";
import type { MimServer, ServerOptions } from "../../../server/mod.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { type Place, TestEnvironment } from "../../helpers/test_environment.ts";
import type { TestUser } from "../../helpers/test_user.ts";
import {
  call,
  chatWith,
  createRoom,
  hears,
  invite,
  roomRow,
  say,
  TestWindow,
} from "../../helpers/window.ts";

interface ScenarioOptions {
  /** Whether server and users have keys, so that MIM/2 is spoken. Default: false. */
  readonly keys?: boolean;
  readonly server?: ServerOptions;
  readonly window?: Partial<WindowOptions>;
  readonly page?: BrowserContextOptions;
}

/** Ada online in a window. Everything ends with the test. */
export class Scenario implements AsyncDisposable {
  readonly env: TestEnvironment;
  /** The server's address. */
  readonly at: Place;
  /** Ada's window. */
  readonly mim: TestWindow;
  readonly ada: Page;
  readonly #browser: Browser;
  readonly #folder: string;
  readonly #stack: AsyncDisposableStack;
  readonly #windows = new Map<Page, TestWindow>();
  readonly #profiles = new Map<string, Profile>();
  #server: MimServer;
  #serverFolder: string;

  /** Starts a server and ada's window, and logs ada in. */
  static async start(
    browser: Browser,
    { keys = false, server: options = {}, window = {}, page = {} }: ScenarioOptions = {},
  ): Promise<Scenario> {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(new TempFolder()).path;
    const env = stack.use(TestEnvironment.real());
    const data = Deno.makeTempDirSync({ dir: folder });
    const { server, at } = env.serve({ ...options, ...(keys ? { data } : {}) });
    const profile = keys ? new Profile(Deno.makeTempDirSync({ dir: folder })) : undefined;
    const downloads = `${folder}/downloads`;
    const setup = { downloads, ...profile && { profile }, ...window };
    const mim = stack.use(await TestWindow.start(at, setup));
    const ada = await mim.online(browser, "ada", page);
    const scenario = new Scenario(browser, folder, env, server, at, data, mim, ada, stack.move());
    if (profile !== undefined) scenario.#profiles.set("ada", profile);
    return scenario;
  }

  private constructor(
    browser: Browser,
    folder: string,
    env: TestEnvironment,
    server: MimServer,
    at: Place,
    serverFolder: string,
    mim: TestWindow,
    ada: Page,
    stack: AsyncDisposableStack,
  ) {
    this.#browser = browser;
    this.#folder = folder;
    this.env = env;
    this.#server = server;
    this.at = at;
    this.#serverFolder = serverFolder;
    this.mim = mim;
    this.ada = ada;
    this.#stack = stack;
  }

  /** Users without a window and without a key, logged in one after the other. */
  async users<Names extends string[]>(
    ...names: Names
  ): Promise<{ [Index in keyof Names]: TestUser }> {
    return await this.env.online(this.at, ...names);
  }

  /** Somebody with a key, online in a window of their own; the same name has the same key again. */
  async join(name: string, { newKey = false } = {}): Promise<Page> {
    const known = newKey ? undefined : this.#profiles.get(name);
    const profile = known ?? new Profile(Deno.makeTempDirSync({ dir: this.#folder }));
    this.#profiles.set(name, profile);
    const downloads = `${this.downloads}/${name}`;
    const window = this.#stack.use(await TestWindow.start(this.at, { profile, downloads }));
    const page = await window.online(this.#browser, name);
    this.#windows.set(page, window);
    return page;
  }

  /** Ends the window of somebody who joined. */
  async leave(page: Page): Promise<void> {
    await this.#windows.get(page)?.[Symbol.asyncDispose]();
  }

  /** The folder for incoming files: of ada here, of others in folders of their names. */
  get downloads(): string {
    return `${this.#folder}/downloads`;
  }

  /** The settings of somebody with a key. */
  configOf(name: string): Profile["config"] {
    return this.#profiles.get(name)?.config ?? {};
  }

  /** Bob joins, and ada calls him and says "one". */
  async chatWithBob(): Promise<Page> {
    const bob = await this.join("bob");
    await call(this.ada, "bob");
    await say(this.ada, "bob", "one");
    await hears(bob, "ada", "one");
    return bob;
  }

  /** Bob is online in another window, too, and in a room that ada has made; his page. */
  async roomWithBob(): Promise<Page> {
    const bob = await this.chatWithBob();
    await createRoom(this.ada, "lab");
    await invite(this.ada, "bob", "#lab");
    await roomRow(bob, "#lab").click();
    await chatWith(bob, "#lab").getByRole("button", { name: "Join" }).click();
    await chatWith(this.ada, "#lab").getByText("bob joined").waitFor();
    return bob;
  }

  /** Bob is online without a window and without a key, and ada calls him; his chat with her. */
  async callBob(): Promise<{ readonly bob: TestUser; readonly chat: Chat }> {
    const [bob] = await this.users("bob");
    await call(this.ada, "bob");
    const { chat } = await bob.saw("chat-opened");
    return { bob, chat };
  }

  /** Stops the server. */
  async stopServer(): Promise<void> {
    await this.#server.close();
  }

  /** Starts another server in its place, which does not know whose the names are. */
  async replaceServer({ newKey = false } = {}): Promise<void> {
    await this.#server.close();
    const data = Deno.makeTempDirSync({ dir: this.#folder });
    if (!newKey) await Deno.copyFile(`${this.#serverFolder}/server.key`, `${data}/server.key`);
    this.#serverFolder = data;
    this.#server = this.env.serve({ port: this.at.port, data }).server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
