import { assertEquals } from "@std/assert";
import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  Locator,
  Page,
} from "playwright-core";
import type { ClientEvent } from "../../client/app/events.ts";
import { Profile } from "../../client/storage/profile.ts";
import { runWindow, type WindowOptions } from "../../client/window/run.ts";
import { inTime, PATIENCE, poll } from "./wait.ts";
import type { Place } from "./test_environment.ts";

/** A window that runs in the test's own process, and the pages that show it. */
export class TestWindow implements AsyncDisposable {
  /** The address to open. */
  address = "";
  /** The events on stdout. */
  readonly events: ClientEvent[] = [];
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number>;
  readonly #stop: (code: number) => void;
  readonly #contexts: BrowserContext[] = [];
  /** Errors of pages, and what their policy blocked. */
  readonly #complaints: string[] = [];

  private constructor(setup: Partial<WindowOptions>, server: Place) {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#stop = resolve;
    this.ended = runWindow({
      server,
      otherServers: [],
      serverNamed: true,
      listen: { hostname: "127.0.0.1" },
      name: "",
      enters: false,
      opens: false,
      stays: true,
      keepsHistory: true,
      mayHost: false,
      discovers: false,
      again: true,
      // Without a folder there is no key.
      classic: setup.profile === undefined,
      profile: new Profile(undefined, {}, "this is a test"),
      ...setup,
      emit: (event) => {
        this.events.push(event);
        if (event.type === "window") this.address = event.address;
      },
    }, promise);
  }

  /** Starts a window for a running server. */
  static async start(server: Place, setup: Partial<WindowOptions> = {}): Promise<TestWindow> {
    const window = new TestWindow(setup, server);
    await poll(() => window.address !== "", "the window to say where it is");
    return window;
  }

  /** A page that shows it, in a profile of its own. */
  async page(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: "reduce",
      ...options,
    });
    this.#contexts.push(context);
    return await this.pageIn(context);
  }

  /** One more page in the same profile. */
  async pageIn(context: BrowserContext): Promise<Page> {
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    page.on("pageerror", (error) => this.#complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.#complaints.push(message.text());
    });
    await page.goto(this.address);
    await ready(page);
    return page;
  }

  /** A page in which somebody has logged in. */
  async online(
    browser: Browser,
    name: string,
    options: BrowserContextOptions = {},
  ): Promise<Page> {
    const page = await this.page(browser, options);
    await logIn(page, name);
    return page;
  }

  /** Closes its pages. */
  async closePages(): Promise<void> {
    for (const context of this.#contexts.splice(0)) await context.close();
  }

  /** Ends the program, while its pages stay open. */
  async end(): Promise<void> {
    this.#stop(0);
    await inTime(this.ended, "the window to end");
  }

  /** Ends it, and fails if anything went wrong in a page. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.closePages();
    await this.end();
    assertEquals(this.#complaints.filter((text) => !/WebSocket|ERR_CONNECTION/.test(text)), []);
  }
}

/** Waits until a page shows the state. */
export async function ready(page: Page): Promise<void> {
  await page.waitForSelector("html[data-ready]", { state: "attached" });
}

/** Logs in as people do. */
export async function logIn(page: Page, name: string): Promise<void> {
  await page.getByRole("textbox", { name: "Name", exact: true }).fill(name);
  await page.getByRole("button", { name: "Login" }).click();
  await page.waitForSelector("html[data-state=online]", { state: "attached" });
}

/** The chat with somebody. */
export function chatWith(page: Page, name: string): Locator {
  return page.getByRole("region", { name, exact: true });
}

/** The button that closes the chat with somebody. */
export function closeButton(page: Page, name: string): Locator {
  return chatWith(page, name).getByRole("button", { name: "Close", exact: true });
}

/** Somebody among those who are online. */
export function rowOf(page: Page, name: string): Locator {
  return page.getByRole("option", { name: new RegExp(`^${name}\\b`) });
}

/** The row of the chat with somebody. */
export function chatRow(page: Page, name: string): Locator {
  return page.getByRole("option", { name: new RegExp(`^Chat with ${name}\\b`) });
}

/** Calls somebody from the list; then the chat is open, and the keyboard in its text field. */
export async function call(page: Page, name: string): Promise<void> {
  await rowOf(page, name).click();
  await focused(fieldFor(page, name));
}

/** Sets availability and status as people do. */
export async function setStatus(page: Page, availability: string, text: string): Promise<void> {
  await page.getByRole("button", { name: /your account/ }).click();
  await page.getByLabel("Availability").selectOption(availability);
  await page.getByRole("textbox", { name: "Status" }).fill(text);
  await page.getByRole("textbox", { name: "Status" }).press("Enter");
  await closePanel(page);
}

/** Closes the panel that is open. */
export async function closePanel(page: Page): Promise<void> {
  await page.getByRole("dialog").getByRole("button", { name: "Close", exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

/** Has notifications recorded, and the user look elsewhere. */
export async function lookElsewhere(page: Page): Promise<void> {
  await page.evaluate(`
    globalThis.notified = [];
    document.hasFocus = () => false;
    globalThis.Notification = class {
      static permission = "granted";
      constructor(title, { body, renotify, tag }) {
        Object.assign(this, { title, body, renotify, tag });
        notified.push(this);
      }
      close() {}
    };
  `);
}

/** Has strangers wait for an answer. */
export async function askFirst(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByLabel("Messages from people you have not written to").selectOption("ask");
  await closePanel(page);
}

/** Opens the info text, which stands in the middle unless a chat does. */
export async function openLog(page: Page): Promise<Locator> {
  await page.getByRole("button", { name: "Log", exact: true }).click();
  const log = page.getByRole("log", { name: "Welcome, connections and errors" });
  await log.waitFor();
  return log;
}

/** The text field for messages to somebody. */
export function fieldFor(page: Page, name: string): Locator {
  return page.getByRole("textbox", { name: `Message to ${name}` });
}

/** Says something as people do. */
export async function say(page: Page, to: string, text: string): Promise<void> {
  await fieldFor(page, to).fill(text);
  await fieldFor(page, to).press("Enter");
}

/** Waits until a message is there in the chat with somebody. */
export async function hears(page: Page, from: string, text: string): Promise<void> {
  await chatWith(page, from).locator(".text", { hasText: text }).last().waitFor();
}

/** Whether the keyboard is there. */
export async function hasFocus(element: Locator): Promise<boolean> {
  return await element.and(element.page().locator(":focus")).count() === 1;
}

/** Waits until the keyboard is there. */
export async function focused(element: Locator): Promise<void> {
  await element.and(element.page().locator(":focus")).waitFor();
}

/** How something is drawn. */
export async function styleOf(element: Locator, property: string): Promise<unknown> {
  for (;;) {
    // Between being found and being looked at it may be replaced: then it has no style.
    const [isThere, style] = await element.evaluate(
      (element, property) => [
        Reflect.get(element, "isConnected"),
        Reflect.get(globalThis, "getComputedStyle")(element)[property],
      ],
      property,
    );
    if (isThere === true) return style;
  }
}

/** Waits until an expression holds in a page, whose policy lets nothing there evaluate a text. */
export async function until(page: Page, expression: string): Promise<void> {
  const end = performance.now() + PATIENCE;
  for (;;) {
    // The page itself looks again, for a while: it may be reloaded meanwhile.
    const holds = await page.evaluate(`(async () => {
      const holds = () => (${expression}) === true;
      for (let turn = 0; turn < 50 && !holds(); turn++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return holds();
    })()`).catch((error) => {
      if (!/context was destroyed/.test(String(error))) throw error;
    });
    if (holds === true) return;
    if (performance.now() > end) throw new Error(`expected ${expression} within ${PATIENCE} ms`);
  }
}

/** Scrolls the messages of the one chat there, as far as it takes for a text to be there. */
export async function scrollUntil(page: Page, to: number, text: string): Promise<void> {
  await until(
    page,
    `(() => {
      const log = document.querySelector(".chat .log");
      if (log === null) return false;
      log.scrollTop = ${to};
      return log.textContent.includes(${JSON.stringify(text)});
    })()`,
  );
}

/** The row of a room in the list. */
export function roomRow(page: Page, name: string): Locator {
  return page.getByRole("option", { name: new RegExp(`^Room ${name}\\b`) });
}

/** Makes a room as people do. */
export async function createRoom(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "New room" }).click();
  await page.getByRole("textbox", { name: "Name of the room" }).fill(name);
  await page.getByRole("button", { name: "Create" }).click();
  await focused(fieldFor(page, `#${name}`));
}

/** Invites somebody from the list of those who are online. */
export async function invite(page: Page, name: string, room: string): Promise<void> {
  await rowOf(page, name).click({ button: "right" });
  await page.getByRole("menuitem", { name: `Invite to ${room}` }).click();
}
