import type { ClientErrorCode } from "../core/mod.ts";

export const EXIT = {
  done: 0,
  unexpected: 1,
  usage: 2,
  serverUnreachable: 3,
  refused: 4,
  notOnline: 5,
  notDelivered: 6,
  interrupted: 130,
  terminated: 143,
} as const;

export function exitCodeOf(code: ClientErrorCode): number {
  switch (code) {
    case "server-unreachable":
      return EXIT.serverUnreachable;
    case "server-refused":
    case "protocol-error":
    case "server-key-mismatch":
    case "reconnect-failed":
      return EXIT.refused;
    case "not-online":
    case "peer-unreachable":
    case "ignored":
    case "peer-key-mismatch":
    case "call-rejected":
      return EXIT.notOnline;
    case "chat-closed":
    case "send-failed":
    case "storage-failed":
    case "chat-failed":
      return EXIT.notDelivered;
    case "invalid-name":
    case "cannot-listen":
      return EXIT.usage;
    case "invalid-state":
    case "call-failed":
    case "delisted":
    case "server-complaint":
      return EXIT.unexpected;
  }
}
