/** Debian's Chromium, driven as people use it; one for all tests of a file. */

import { type Browser, chromium } from "playwright-core";
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
  return await chromium.launch({ executablePath: PATH, args: ARGS, headless: true });
}

/** A test in Chromium: ignored where the machine has none, or failed where it is required. */
export function chromiumTest(name: string, fn: () => Promise<void>): void {
  requiringTest("chromium", missing, name, fn);
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
