import { type ByeReason, byeReasons, refusalCodes, sanitizeText } from "../../../protocol/mod.ts";

/** What a refusal means where the server says nothing of its own, and what to do about it. */
const REFUSALS: Readonly<Record<number, readonly [what: string, advice: string]>> = {
  [refusalCodes.malformed]: [
    "it could not read what was sent",
    "one of the two programs is at fault: see whether there is a newer one",
  ],
  [refusalCodes["name not allowed"]]: ["it does not allow this name", "choose another name"],
  [refusalCodes["name taken"]]: [
    "this name belongs to another key",
    "import the key that you had, or choose another name",
  ],
  [refusalCodes["too many connections"]]: [
    "too many connections come from your address",
    "close some, or try again later",
  ],
  [refusalCodes["too fast"]]: ["that was too fast", "wait a minute and try again"],
  [refusalCodes["server full"]]: ["the server is full", "try again later"],
  [refusalCodes["shutting down"]]: ["the server is shutting down", "try again later"],
  [refusalCodes["bad signature"]]: [
    "your key could not be proven",
    "try again, and see whether there is a newer program",
  ],
  [refusalCodes["too slow"]]: ["the connection is too slow, or was silent", "try again"],
};

/** Trying again changes nothing: only the user can do something about these. */
const FINAL: readonly number[] = [
  refusalCodes.malformed,
  refusalCodes["name not allowed"],
  refusalCodes["name taken"],
  refusalCodes["bad signature"],
];

/** A server's refusal in words for users: what it says, and what to do. */
export function describeRefusal(code: number, text: string): string {
  const said = sanitizeText(text).trim();
  const unknown = ["", `it gives the reason ${code}, which this version does not know`] as const;
  const [what, advice] = REFUSALS[code] ?? unknown;
  return [said === "" ? what : said, advice].filter((part) => part !== "").join("; ");
}

/** Whether a server that refused so would refuse the same login again. */
export function isFinalRefusal(code: number | undefined): boolean {
  return code !== undefined && FINAL.includes(code);
}

/**
 * Why a peer has refused a call, in words for the user, and what to do; undefined where it wanted to.
 *
 * @param peer the peer's name
 * @param own the own one
 */
export function describeLoginError(
  reason: ByeReason,
  peer: string,
  own: string,
): string | undefined {
  switch (reason) {
    case byeReasons.closed:
      return undefined;
    case byeReasons["other key"]:
      return `${peer} refused the call: ${own} goes with another key there. Import the key that you ` +
        `had before, or tell ${peer} by another way that yours is new: once ${peer} has compared ` +
        "your safety number and trusts that key, call again";
    case byeReasons["other name"]:
      return `${peer} refused the call: your key goes with another name there, not with ${own}. Log ` +
        `in under the name by which ${peer} knows you, or with another key`;
    case byeReasons["no room"]:
      return `${peer} refused the call: too many chats are open there. Try again later`;
  }
}
