import { byeReasons, displayName, refusalCodes } from "../../protocol/mod.ts";
import { ClientError, type ClientErrorCode, type ErrorDetails } from "../core/mod.ts";
import { formatQuery } from "./user_query.ts";

/** The place that shows an error: the prompt, the window, or a single command. */
export type Face = "terminal" | "window" | "command";

/** How a user gives each face another server or name. */
const PLACES = {
  terminal: { server: "with /server HOST[:PORT]", name: "with /login NAME" },
  command: { server: "with --server HOST[:PORT]", name: "with --name NAME" },
  window: { server: "beside your name", name: "above" },
} as const;

const BRING_KEY = "bring your key along (`mim key export FILE` where it is, " +
  "`mim key import FILE` here)";

/** The next step for a user after an error; empty if the message is enough. */
const NEXT_STEPS: {
  readonly [Code in ClientErrorCode]?: (details: ErrorDetails[Code], face: Face) => string;
} = {
  "server-unreachable": (_, face) =>
    `check that a server runs there, or name another ${PLACES[face].server}`,
  "server-refused": ({ end, lacksKey = false }, face) =>
    lacksKey && end.type === "closed"
      ? "it may be full, or let in nobody without a key under this name, or at all: " +
        `start without --classic to log in with your key, or try another ${PLACES[face].name}`
      : end.type === "rejected"
      ? afterRejection(end.code, face)
      : end.type === "late-announcement"
      ? "try again"
      : `it may be full, or not take this name: try another ${PLACES[face].name}`,
  "protocol-error": ({ end }) =>
    end.type === "not-authentic"
      ? "nothing of it was believed, and nothing sent; try again, or from another network"
      : end.type === "unproven"
      ? "it may have too much to do, or someone else answers in its place: try again, or from " +
        "another network"
      : "check the address: what answers there may be no MIM server",
  "cannot-listen": () => "choose another address or port with --listen",
  "invalid-name": (_, face) => `choose another ${PLACES[face].name}`,
  "invalid-state": afterInvalidState,
  "not-online": ({ name, reason }, face) =>
    reason === "no-other-key" && face === "terminal"
      ? `/verify ${formatQuery(name)} compares that one`
      : "",
  "peer-unreachable": () => "the program there may have ended, or a firewall is in the way",
  "server-key-mismatch": ({ isLinkKey }, face) =>
    isLinkKey
      ? "ask whoever gave you the link for the current one"
      : "ask its operator before you trust it" +
        (face === "window"
          ? ""
          : face === "terminal"
          ? ": then /trust accepts it, and /login logs in"
          : ": then start the client without a command, and /trust accepts it"),
  "classic-server": (_, face) =>
    "log in only if you expect that" +
    (face === "window"
      ? ""
      : face === "terminal"
      ? ": /classic does, and remembers it"
      : ": start the client without a command, and /classic does, or add --classic"),
  "peer-key-mismatch": afterKeyMismatch,
  "call-failed": ({ reason }, face) =>
    typeof reason === "object" && reason.reason === "pinned-to-other-key"
      ? afterKeyMismatch(reason, face)
      : "",
  "peer-unconfirmed": afterUnconfirmed,
  "call-rejected": afterCallRejection,
  "delisted": () => "log out and in again",
  "order-refused": ({ reason }) =>
    reason === "not-admin" ? "the operator names them" : reason === "no-answer" ? "try again" : "",
  "server-complaint": ({ code }, face) => afterRejection(code, face),
};

/** An error and the next step, in words for that face. Not yet safe to print. */
export function describeError(error: Error, face: Face): string {
  if (!(error instanceof ClientError)) return error.message;
  if (error.is("reconnect-failed") && error.cause instanceof ClientError) {
    return `Not logged in again: ${describeError(error.cause, face)}`;
  }
  const next = nextStep(error.code, error.details, face);
  const message = sentence(error);
  return next === "" ? message : `${message}; ${next}`;
}

/** An error's message with a capital letter at its start, unless it starts with a name. */
export function sentence({ message, details }: ClientError): string {
  const name = "name" in details ? details.name : undefined;
  const startsWithName = typeof name === "string" && name !== "" && message.startsWith(name);
  return startsWithName ? message : capitalize(message);
}

export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function nextStep<Code extends ClientErrorCode>(
  code: Code,
  details: ErrorDetails[Code],
  face: Face,
): string {
  return NEXT_STEPS[code]?.(details, face) ?? "";
}

function afterRejection(code: number, face: Face): string {
  const { name } = PLACES[face];
  const steps: Readonly<Record<number, string>> = {
    [refusalCodes.malformed]: "one of the two programs is at fault: see if there is a newer one",
    [refusalCodes["name not allowed"]]: `choose another name, ${name}`,
    [refusalCodes["name taken"]]: `if it is yours, ${BRING_KEY}, or choose another name, ${name}`,
    [refusalCodes["too many connections"]]: "close some, or try again later",
    [refusalCodes["too fast"]]: "wait a minute and try again",
    [refusalCodes["server full"]]: "try again later",
    [refusalCodes["shutting down"]]: "try again later",
    [refusalCodes["bad signature"]]: "try again, and see if there is a newer program",
    [refusalCodes["too slow"]]: "try again",
    [refusalCodes["try later"]]: "try again later",
    [refusalCodes.banned]: "ask the operator of the server",
    [refusalCodes["not allowed in"]]: "ask the operator of the server to let you in",
    [refusalCodes.kicked]: "ask the operator of the server",
  };
  return steps[code] ?? "";
}

function afterInvalidState(state: ErrorDetails["invalid-state"], face: Face): string {
  if (face !== "terminal") return "";
  if (state.reason === "not-logged-in-yet") return state.retrying ? "" : "log in with /login";
  if (state.reason !== "compared-key-gone") return "";
  return `look again with /verify ${formatQuery(state.name)}, and compare`;
}

function afterKeyMismatch(details: ErrorDetails["peer-key-mismatch"], face: Face): string {
  const { name } = details;
  const word = formatQuery(name);
  const ask = `ask ${displayName(name)} by another way`;
  switch (details.reason) {
    case "key-changed":
    case "pinned-to-other-key":
      return face === "window"
        ? `${ask} before you trust it`
        : `${ask} and compare with /verify ${word}, then /trust ${word} takes the new key`;
    case "key-missing":
      return face === "window"
        ? `${ask} before you allow one classic chat`
        : `${ask}, then /trust ${word} allows one classic chat`;
    case "namesake":
      return face === "window" ? "" : `/talk ${word} calls that one`;
    case "other-letters":
      return `nothing is sent there; if in doubt, ask ${
        displayName(details.contact)
      } by another way`;
    case "other-key-answered":
      return "try again, and if it stays so, ask whoever runs the server";
    default:
      return "";
  }
}

function afterUnconfirmed(
  { name, isNotOwner, address }: ErrorDetails["peer-unconfirmed"],
  face: Face,
): string {
  if (face === "window") return "";
  const word = formatQuery(name);
  if (isNotOwner) {
    if (address === undefined && face === "terminal") return "";
    return `${formatQuery(name, address ?? "ADDRESS")} means this user all the same`;
  }
  const where = face === "command" ? "in the interactive client " : "";
  const all = `compare safety numbers ${where}with /verify ${word}, or ` +
    `name the whole key, which /whoami shows there: ${word}#FINGERPRINT`;
  return face === "command" ? all : `${all}; /talk ${word} starts a chat all the same`;
}

function afterCallRejection({ name, reason }: ErrorDetails["call-rejected"]): string {
  const peer = displayName(name);
  switch (reason) {
    case byeReasons["other key"]:
      return `${BRING_KEY} if you have another, or tell ${peer} by another way that yours is ` +
        `new: once ${peer} has compared your safety number and trusts that key, call again`;
    case byeReasons["other name"]:
      return `log in under the name by which ${peer} knows you, or with another key`;
    case byeReasons["no room"]:
      return "try again later";
  }
}
