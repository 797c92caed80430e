import { resolve } from "node:path";
import { allowedEnv } from "../../server/platform/cli/env.ts";

/** The folder in which the user has started the program; `deno task` goes to another one. */
export function userFolder(): string {
  return allowedEnv("INIT_CWD") ?? Deno.cwd();
}

/**
 * A path as a user types it: `~` is the home, and others begin where the program was started.
 *
 * @throws {SyntaxError} if it is empty, which would be the current folder
 */
export function userPath(typed: string): string {
  if (typed === "") throw new SyntaxError("Expected a path, got an empty one");
  const home = allowedEnv("HOME") ?? allowedEnv("USERPROFILE");
  const isHome = /^~(?=$|[\\/])/.test(typed) && home !== undefined;
  return isHome ? resolve(home, typed.slice(2)) : resolve(userFolder(), typed);
}

/**
 * The paths of a command: separated by blanks, with `"quotes"` or `\` in front of a blank.
 *
 * @throws {SyntaxError} if a quote is not closed
 */
export function splitPaths(typed: string): string[] {
  const paths: string[] = [];
  let path: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < typed.length; at++) {
    const character = typed[at] ?? "";
    if (character === "\\" && quote !== "'" && /[\s"'\\]/.test(typed[at + 1] ?? "")) {
      path = (path ?? "") + typed[++at];
    } else if (character === quote) quote = undefined;
    else if (quote === undefined && /["']/.test(character) && path === undefined) {
      quote = character;
      path = "";
    } else if (quote === undefined && /\s/.test(character)) {
      if (path !== undefined) paths.push(path);
      path = undefined;
    } else path = (path ?? "") + character;
  }
  if (quote !== undefined) throw new SyntaxError(`Expected ${quote} at the end of a path`);
  if (path !== undefined) paths.push(path);
  return paths;
}

/**
 * The paths that begin as what is typed, as a command reads them: folders end in `/`.
 *
 * @param typed the beginning of one path, perhaps behind a quote
 */
export function completePath(typed: string): string[] {
  const quote = /^["']/.exec(typed)?.[0] ?? "";
  const raw = quote === "" ? typed.replace(/\\([\s"'\\])/g, "$1") : typed.slice(1);
  const at = raw.lastIndexOf("/") + 1;
  const [folder, part] = [raw.slice(0, at), raw.slice(at)];
  if (folder === "" && part.startsWith("~")) return [`${quote}~/`];
  const found: string[] = [];
  try {
    for (const { name, isDirectory } of Deno.readDirSync(userPath(folder === "" ? "." : folder))) {
      if (!name.startsWith(part) || (part === "" && name.startsWith("."))) continue;
      const path = folder + name + (isDirectory ? "/" : "");
      found.push(quote === "" ? path.replace(/[\s"'\\]/g, "\\$&") : quote + path);
      if (found.length === 1_000) break;
    }
  } catch {
    return []; // there is no such folder, or it can't be read
  }
  return found.sort();
}
