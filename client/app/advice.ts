import { refusalCodes } from "../../protocol/mod.ts";
import type { ClientError, ClientErrorCode } from "../core/mod.ts";

/** Refusals after which another name helps. */
const ABOUT_NAMES: readonly number[] = [
  refusalCodes["name not allowed"],
  refusalCodes["name taken"],
];

/** What went wrong, and what a user can do about it; a MIM/2 server's refusal says that itself. */
export function withAdvice(error: ClientError, where: "chatting" | "command"): string {
  if (error.refusal === undefined) return error.message + adviceFor(error.code, where);
  return error.message +
    (ABOUT_NAMES.includes(error.refusal) ? `, ${ADVICE_BY_CODE[where].name}` : "");
}

/** Where server and name are given. */
const ADVICE_BY_CODE = {
  chatting: { server: "with /server HOST[:PORT]", name: "with /login NAME" },
  command: { server: "with --server HOST[:PORT]", name: "with --name NAME" },
  window: { server: "beside your name", name: "above" },
} as const;

/**
 * What a user can do about an error, to stand behind its message.
 *
 * @param where whether somebody is chatting at a prompt, or in the window, or a command failed
 */
export function adviceFor(code: ClientErrorCode, where: keyof typeof ADVICE_BY_CODE): string {
  const { server, name } = ADVICE_BY_CODE[where];
  switch (code) {
    case "server-unreachable":
      return `; check that a server runs there, or name another ${server}`;
    case "server-refused":
      return `; it may be full, or not take this name: try another ${name}`;
    case "protocol-error":
      return "; check the address: what answers there may be no MIM server";
    case "cannot-listen":
      return "; choose another address or port with --listen";
    case "invalid-name":
      return `; choose another ${name}`;
    case "peer-unreachable":
      return "; the program there may have ended, or a firewall is in the way";
    case "server-key-mismatch":
    case "peer-key-mismatch":
    case "invalid-state":
    case "not-online":
    case "ignored":
    case "chat-closed":
    case "send-failed":
    case "storage-failed":
      return "";
  }
}
