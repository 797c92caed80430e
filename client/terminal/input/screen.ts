import process from "node:process";
import { allowedEnv } from "../../../server/platform/cli/env.ts";
import type { Canvas } from "./edit_box.ts";

/** The terminal that this program runs in. */
export const SCREEN: Canvas = {
  get columns() {
    try {
      return Deno.consoleSize().columns || 80;
    } catch {
      return 80; // the terminal has gone
    }
  },
  get rows() {
    return process.stdout.rows || 24;
  },
  tellsLate: allowedEnv("TMUX") !== undefined || /^(tmux|screen)/.test(allowedEnv("TERM") ?? ""),
  write: (text) => void process.stdout.write(text),
};
