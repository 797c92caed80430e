import { type ClientEvent, describeCall } from "../../app/mod.ts";
import { isExclusion, type Pin } from "../../core/mod.ts";
import { displayName, formatAddress, sanitizeText } from "../../../protocol/mod.ts";
import type { InfoLine, Wording } from "../messages.ts";
import { worded } from "./wording.ts";
import { formatChatAddress } from "./view_rows.ts";

const MAX_LINES = 300;

/** The info log: the welcome, connections, errors. */
export class InfoLog {
  onLine: ((line: InfoLine) => void) | undefined;
  readonly #lines: InfoLine[] = [];
  #lastId = 0;

  get lines(): readonly InfoLine[] {
    return this.#lines;
  }

  add(type: InfoLine["type"], words: string | Wording): void {
    const wording = typeof words === "string" ? { text: sanitizeText(words) } : words;
    const line = { ...wording, id: ++this.#lastId, at: Date.now(), type };
    this.#lines.push(line);
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
    this.onLine?.(line);
  }
}

/** The info log's line about an event; undefined if the event is shown elsewhere. */
export function describeEvent(
  event: ClientEvent,
  contacts: readonly Pin[],
): { readonly type: InfoLine["type"]; readonly words: string | Wording } | undefined {
  const info = (words: string | Wording) => ({ type: "info", words }) as const;
  switch (event.type) {
    case "welcome":
      return { type: "welcome", words: event.text };
    case "error": {
      const { text, words: { code, values } = { code: "program-error", values: { text } } } = event;
      return { type: "error", words: worded(text, code, values) };
    }
    case "note": {
      const { text, words: { code, values } = { code: "program-note", values: { text } } } = event;
      return info(worded(text, code, values));
    }
    case "hosting":
      return info(
        worded(`No server was found, so this window runs one at ${event.address}`, "hosting", {
          address: event.address,
        }),
      );
    case "connected": {
      const address = formatAddress(event.address, event.port);
      return info(worded(`Connected to ${address}`, "connected", { address }));
    }
    case "logged-in":
      return info(
        worded(`You are online as ${displayName(event.name)}`, "logged-in", { name: event.name }),
      );
    case "logged-out":
      return info(worded("You are offline. Open chats stay open", "logged-out"));
    case "disconnected": {
      const { end, reason } = event;
      const text = isExclusion(end)
        ? `Disconnected: ${reason}. Open chats stay open, but MIM does not reconnect by itself`
        : `Disconnected: ${reason}. Open chats stay open, and MIM reconnects`;
      const base = isExclusion(end) ? "excluded" : "disconnected";
      const kind = end.type === "rejected" ? `rejected-${end.code}` : end.type;
      return { type: "error", words: worded(text, `${base}.${kind}`, { ...end, reason }) };
    }
    case "chat-opened": {
      const { name } = event.chat;
      const shown = displayName(name);
      const address = formatChatAddress(event.chat, contacts);
      return info(
        event.chat.direction === "outgoing"
          ? worded(`You called ${shown} (${address})`, "called", { name, address })
          : worded(`${shown} (${address}) started a chat with you`, "called-you", {
            name,
            address,
          }),
      );
    }
    case "chat-closed": {
      const { name } = event.chat;
      // A peer whose program has ended can be written to; one who has closed the chat can't.
      const how = event.by === "them" && event.chat.state === "queued" ? "left" : event.by;
      return info(worded(describeClose(name, how), `closed.${how}`, { name }));
    }
    case "call-ended": {
      const { caller: { name, address }, reason } = event;
      return info(worded(describeCall(event), `call-ended.${reason}`, { name, address }));
    }
    case "calls-rejected": {
      const { name, address, count } = event;
      const code = event.isCrowd
        ? "calls-rejected.crowd"
        : count === 1
        ? "calls-rejected.one"
        : "calls-rejected";
      return info(worded(describeCall(event), code, { name, address, others: count - 1 }));
    }
    default:
      return undefined;
  }
}

function describeClose(name: string, how: "me" | "them" | "left" | "lost"): string {
  switch (how) {
    case "left":
      return `${displayName(name)} has ended MIM`;
    case "me":
      return `You closed the chat with ${displayName(name)}`;
    case "them":
      return `${displayName(name)} closed the chat`;
    case "lost":
      return `The connection to ${displayName(name)} was lost`;
  }
}
