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

const CODES: Readonly<Record<ClientErrorCode, number>> = {
  "server-unreachable": EXIT.serverUnreachable,
  "server-refused": EXIT.refused,
  "protocol-error": EXIT.refused,
  "server-key-mismatch": EXIT.refused,
  "classic-server": EXIT.refused,
  "reconnect-failed": EXIT.refused,
  "order-refused": EXIT.refused,
  "not-online": EXIT.notOnline,
  "peer-unreachable": EXIT.notOnline,
  "ignored": EXIT.notOnline,
  "peer-key-mismatch": EXIT.notOnline,
  "call-rejected": EXIT.notOnline,
  "chat-closed": EXIT.notDelivered,
  "peer-unconfirmed": EXIT.notDelivered,
  "send-failed": EXIT.notDelivered,
  "transfer-failed": EXIT.notDelivered,
  "storage-failed": EXIT.notDelivered,
  "chat-failed": EXIT.notDelivered,
  "room-failed": EXIT.notDelivered,
  "invalid-name": EXIT.usage,
  "cannot-listen": EXIT.usage,
  "invalid-state": EXIT.unexpected,
  "call-failed": EXIT.unexpected,
  "delisted": EXIT.unexpected,
  "server-complaint": EXIT.unexpected,
  "listener-failed": EXIT.unexpected,
};

export function exitCodeOf(code: ClientErrorCode): number {
  return CODES[code];
}
