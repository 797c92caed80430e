import { getLogger } from "@logtape/logtape";
import { sanitizeText } from "../../protocol/mod.ts";

const logger = getLogger(["mim", "server"]);
/** So many are logged. */
const MAX_LOGGED = 20;

/** An operation on NATS that a server may not be allowed. */
export type NatsOperation = "publish" | "subscription";

/** Logs which permissions on NATS are missing, each once. */
export class MissingPermissions {
  readonly #logged = new Set<string>();

  /** NATS has refused this. */
  note(operation: NatsOperation, subject: string): void {
    const group = groupOf(subject);
    const missing = `${operation} ${group}`;
    if (this.#logged.has(missing) || this.#logged.size >= MAX_LOGGED) return;
    this.#logged.add(missing);
    logger.error("cluster: NATS does not allow this server to {verb} {subject}", {
      verb: operation === "publish" ? "publish to" : "subscribe to",
      subject: sanitizeText(group),
    });
  }
}

/** The subjects that a permission for this one would be about: some have parts that change each time. */
function groupOf(subject: string): string {
  const [group] = /^(\$KV\.[^.]+|\$JS\.(FC|ACK)|_INBOX)\./.exec(subject) ?? [];
  return group === undefined ? subject.replace(/[^.]*$/, "*") : `${group}>`;
}
