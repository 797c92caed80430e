import type { ClientErrorCode } from "./core/mod.ts";

/** What a user can do about an error, to stand behind its message. */
export function adviceFor(code: ClientErrorCode): string {
  switch (code) {
    case "server-unreachable":
      return "; check that a server runs there, or name another (--server HOST[:PORT], or /server while chatting)";
    case "server-refused":
      return "; it may be full, or not take this name: /login NAME tries another";
    case "cannot-listen":
      return "; choose another address or port with --listen";
    case "bad-name":
      return "; choose another: /login NAME (--name NAME at the start)";
    case "peer-unreachable":
      return "; the program there may have ended, or a firewall is in the way";
    case "wrong-state":
    case "not-online":
    case "chat-closed":
    case "not-sent":
      return "";
  }
}
