/** Debian's Chromium, driven as people use it; one for all tests of a file. */

import { type Browser, chromium } from "playwright-core";
import { PATIENCE } from "./wait.ts";
import { requiringTest } from "./required.ts";

const PATH = "/usr/bin/chromium";
/** What keeps it from asking anybody anything, and from the machine's display. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts it, with a new and empty profile. */
export async function launchChromium(): Promise<Browser> {
  return await chromium.launch({
    executablePath: PATH,
    args: ARGS,
    headless: true,
    timeout: PATIENCE,
  });
}

/**
 * Tests in Chromium: ignored where the machine has none, or failed where it is required. All tests of
 * a file have one browser, started before the first.
 *
 * @returns what defines a test
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
      if (browser === undefined) throw new Error("expected a browser to be started");
      await fn(browser);
    });
}

const missing = exists(PATH)
  ? undefined
  : "no /usr/bin/chromium here; on Debian: apt-get install chromium";

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
