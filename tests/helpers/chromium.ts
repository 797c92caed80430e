/** Debian's Chromium, used as people use it; one for all tests of a file. */

import { type Browser, chromium } from "playwright-core";
import { PATIENCE } from "./wait.ts";
import { requiringTest } from "./required.ts";

/** The shell has no windows and toolbars to draw: a page in it costs a third of the time. */
const PATH = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"].find(isFile);
/** Without network access of its own, and without the machine's display. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts it with a new, empty profile. */
export async function launchChromium(): Promise<Browser> {
  return await chromium.launch({
    executablePath: PATH ?? "chromium",
    args: ARGS,
    headless: true,
    timeout: PATIENCE,
  });
}

/**
 * Defines tests in Chromium. If the machine has none, they are ignored, or fail if it is required. All
 * tests of a file share one browser, which starts before the first.
 */
export function chromiumTests(): (name: string, fn: (browser: Browser) => Promise<void>) => void {
  let browser: Browser | undefined;
  if (missing === undefined) {
    Deno.test.beforeAll(async () => {
      browser = await launchChromium();
    });
    Deno.test.afterAll(async () => await browser?.close());
  }
  return (name, fn) =>
    requiringTest("chromium", missing, name, async () => {
      if (browser === undefined) throw new Error("Expected a browser to be started");
      await fn(browser);
    });
}

const missing = PATH === undefined
  ? "expected Chromium; on Debian: apt-get install chromium-headless-shell"
  : undefined;

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
