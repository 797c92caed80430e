import { displayText, refusalCodes } from "../../protocol/mod.ts";

/** What to do about a refusal, by its code; the server's own words stand before it. */
const ADVICE: Readonly<Record<number, string>> = {
  [refusalCodes.malformed]: "one of the two programs is at fault: see whether there is a newer one",
  [refusalCodes["name not allowed"]]: "choose another name",
  [refusalCodes["name taken"]]:
    "this name belongs to another key: choose another name, or import the key that you had",
  [refusalCodes["too many connections"]]:
    "too many connections come from your address: close some, or try again later",
  [refusalCodes["too fast"]]: "wait a minute and try again",
  [refusalCodes["server full"]]: "the server is full: try again later",
  [refusalCodes["shutting down"]]: "the server is shutting down: try again later",
  [refusalCodes["bad signature"]]:
    "your key could not be proven: try again, and see whether there is a newer program",
  [refusalCodes["too slow"]]: "the connection is too slow, or was silent: try again",
};

/** Trying again changes nothing: only the user can do something about these. */
const FINAL: readonly number[] = [
  refusalCodes.malformed,
  refusalCodes["name not allowed"],
  refusalCodes["name taken"],
  refusalCodes["bad signature"],
];

/** A server's refusal in words for users: what it says, and what to do. */
export function refusalText(code: number, text: string): string {
  const said = displayText(text).trim();
  const advice = ADVICE[code] ?? `it gives the reason ${code}, which this version does not know`;
  return said === "" ? advice : `${said}; ${advice}`;
}

/** Whether a server that refused so would refuse the same login again. */
export function isFinal(code: number | undefined): boolean {
  return code !== undefined && FINAL.includes(code);
}
