import type { Browser, Page } from "playwright-core";
import { delay } from "@std/async/delay";
import { launchChromium } from "../helpers/chromium.ts";
import { serverWithMany } from "../helpers/fake_server.ts";
import { newHome } from "../helpers/programs.ts";
import { logIn, ready, TestWindow, until } from "../helpers/window.ts";
import { TestEnvironment } from "../helpers/test_environment.ts";
import { Program } from "./program.ts";
import type { Section } from "./report.ts";
import { summarize } from "./statistics.ts";

const LOADS = 15;
const LINES = 200;
const USERS = 10_000;
const BURSTS = 5;
const BURST_LINES = 500;
const BURST_STEPS = 50;
const BURST_MS = 500;
const ms = { unit: "ms", better: "less" } as const;

/** The window in Chromium: how long until it is there, and until a message is on the screen. */
export async function* benchWindow(): AsyncGenerator<Section> {
  const browser = await launchChromium();
  try {
    await using server = Program.mimServer();
    const at = `127.0.0.1:${await server.port()}`;
    await using mim = program(at, "window", "--no-open", "--keep");
    const address = (await mim.line("window\t")).slice("window\t".length);
    const empty = await emptyPageTimes(browser);
    const loads = await loadTimes(browser, address);
    const lines = await lineTimes(browser, address, at);
    yield {
      title: `window: ${LOADS} loads and ${LINES} messages in headless Chromium`,
      notes: [
        "a page is complete from the request of the start address on until the state is shown,",
        "each time in a new profile: nothing is cached",
      ],
      figures: [
        { name: "page complete", ...ms, ...summarize(loads), goal: 300 },
        { name: "  an empty page, for comparison", ...ms, ...summarize(empty) },
        {
          name: "from a peer's Enter on a terminal to the window's elements",
          ...ms,
          ...summarize(lines.map(({ there }) => there)),
        },
        {
          name: "  and to the next frame that shows it",
          ...ms,
          ...summarize(lines.map(({ drawn }) => drawn)),
          goal: 30,
        },
      ],
    };
    const bursts = await burstTimes(browser, address, at);
    yield {
      title: `window: ${BURST_LINES} messages in half a second`,
      notes: [`from the first message until the last is on the screen, ${BURSTS} times`],
      figures: [
        { name: "a frame", ...ms, ...summarize(bursts.flat()) },
        {
          name: "the longest frame",
          ...ms,
          ...summarize(bursts.map((frames) => Math.max(...frames))),
          goal: 100,
        },
      ],
    };
    const keys = await filterTimes(browser);
    yield {
      title: `window: the list of ${USERS} users`,
      figures: [{ name: "a key in the filter, laid out", ...ms, ...summarize(keys), goal: 50 }],
    };
  } finally {
    await browser.close();
  }
}

function program(server: string, ...more: string[]): Program {
  const args = ["--plain", "--server", server, "--listen", "127.0.0.1", "--data", newHome()];
  return new Program("client/main.ts", [...args, ...more]);
}

/** Each in a profile of its own, so with nothing in a cache; the first warms the browser up. */
async function loadTimes(browser: Browser, address: string): Promise<number[]> {
  const times: number[] = [];
  for (let load = 0; load <= LOADS; load++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(address, { waitUntil: "commit" });
    await ready(page);
    const time: number = await page.evaluate(
      `performance.getEntriesByName("complete")[0].startTime`,
    );
    if (load > 0) times.push(time);
    await context.close();
  }
  return times;
}

/** What the browser takes for a page with nothing in it. */
async function emptyPageTimes(browser: Browser): Promise<number[]> {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () =>
      new Response("<!doctype html><title>x</title>", { headers: { "content-type": "text/html" } }),
  );
  const times: number[] = [];
  for (let load = 0; load <= LOADS; load++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${server.addr.port}/`);
    const time: number = await page.evaluate(
      `performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd`,
    );
    if (load > 0) times.push(time);
    await context.close();
  }
  return times;
}

async function lineTimes(
  browser: Browser,
  address: string,
  at: string,
): Promise<{ readonly there: number; readonly drawn: number }[]> {
  const page: Page = await browser.newPage();
  await page.goto(address);
  await ready(page);
  await logIn(page, "ada");
  await using bob = program(at, "--name", "bob");
  await bob.line("logged-in\t");
  await bob.send("/talk ada");
  await bob.line("chat-opened\tada\t");
  await bob.send("warming up");
  await until(page, `document.querySelector(".chat .text")?.textContent === "warming up"`);
  await page.evaluate(`
    globalThis.seen = new Map();
    const now = () => performance.timeOrigin + performance.now();
    new MutationObserver(() => {
      const text = document.querySelector(".chat li:last-child .text").textContent;
      if (seen.has(text)) return;
      const there = now();
      seen.set(text, { there, drawn: undefined });
      requestAnimationFrame(() => setTimeout(() => seen.get(text).drawn = now()));
    }).observe(document.querySelector(".chat .log ol"), { childList: true });
  `);
  const times: { readonly there: number; readonly drawn: number }[] = [];
  for (let line = 0; line < LINES; line++) {
    const text = `lunch at noon? (${line})`;
    const start = performance.timeOrigin + performance.now();
    await bob.send(text);
    await until(page, `seen.get(${JSON.stringify(text)})?.drawn !== undefined`);
    const seen: { there: number; drawn: number } = await page.evaluate(
      `seen.get(${JSON.stringify(text)})`,
    );
    times.push({ there: seen.there - start, drawn: seen.drawn - start });
  }
  await page.context().close();
  return times;
}

/** How long each frame takes while a peer sends a lot, some times. */
async function burstTimes(browser: Browser, address: string, at: string): Promise<number[][]> {
  const page: Page = await browser.newPage();
  await page.goto(address);
  await ready(page);
  await using eve = program(at, "--name", "eve");
  await eve.line("logged-in\t");
  await eve.send("/talk ada");
  await eve.line("chat-opened\tada\t");
  await eve.send("warming up");
  await page.getByRole("option", { name: /^Chat with eve/ }).click();
  await until(page, `document.querySelector(".chat .text")?.textContent === "warming up"`);
  const bursts: number[][] = [];
  await page.evaluate(`
    globalThis.frames = [];
    let before = performance.now();
    const measure = () => {
      const now = performance.now();
      frames.push(now - before);
      before = now;
      requestAnimationFrame(measure);
    };
    requestAnimationFrame(measure);
  `);
  for (let burst = 0; burst < BURSTS; burst++) {
    await page.evaluate("frames.length = 0");
    await sendBurst(eve, burst);
    const last = JSON.stringify(`${burst}: message ${BURST_LINES - 1}.`);
    await until(
      page,
      `document.querySelector(".chat li:last-child .text")?.textContent === ${last}`,
    );
    bursts.push(await page.evaluate("frames"));
  }
  await page.context().close();
  return bursts;
}

async function sendBurst(eve: Program, burst: number): Promise<void> {
  const step = BURST_LINES / BURST_STEPS;
  const start = performance.now();
  for (let n = 0; n < BURST_STEPS; n++) {
    const lines = Array.from(
      { length: step },
      (_, index) => `${burst}: message ${n * step + index}.`,
    );
    await eve.send(lines.join("\n"));
    await delay(Math.max(0, start + (n + 1) * BURST_MS / BURST_STEPS - performance.now()));
  }
}

async function filterTimes(browser: Browser): Promise<number[]> {
  await using env = TestEnvironment.real();
  await using mim = await TestWindow.start(serverWithMany(env, USERS));
  const page = await mim.online(browser, "ada");
  await until(page, `document.querySelector("#count").textContent === "${USERS + 1}"`);
  const times: number[] = await page.evaluate(FILTER_TIMES);
  await mim.closePages();
  return times;
}

/** How long each of some texts in the filter takes until the list is laid out, in milliseconds. */
const FILTER_TIMES = `(() => {
  const field = document.querySelector("#filter");
  return ["u", "us", "user 99", "user 9999", "", "9", "nobody", ""].map((text) => {
    field.value = text;
    const start = performance.now();
    field.dispatchEvent(new Event("input"));
    document.querySelector("#rows").getBoundingClientRect();
    return performance.now() - start;
  });
})()`;
