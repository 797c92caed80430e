import { formatAddress, looksLikeYou, nameKey } from "../../../protocol/mod.ts";
import type { Chat, OnlineUser, Room } from "../../core/mod.ts";
import type { ClientEvent } from "../../app/mod.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../storage/mod.ts";

/** The context of an event: the chats, the settings and the own name. */
export interface View {
  /** The chat that lines go to. */
  readonly current: Chat | undefined;
  /** The room that lines go to. */
  readonly room?: Room | undefined;
  readonly chats: readonly Chat[];
  /** The own name; undefined if it isn't known yet. */
  readonly me: string | undefined;
  /** Which users are shown when they come and go. */
  readonly joins: Settings["joins"];
  /** The online users. */
  readonly online: readonly OnlineUser[];
}

export const NO_CHATS: View = {
  current: undefined,
  chats: [],
  me: undefined,
  joins: DEFAULT_SETTINGS.joins,
  online: [],
};

/** The address behind an ambiguous name: that of another chat, or one like the user's own. */
export function which(chat: Chat, { chats, me }: View): string {
  const namesake = chats.find((other) =>
    other !== chat && other.state === "open" && other.name === chat.name
  );
  if (namesake?.address === chat.address) return ` (${formatAddress(chat.address, chat.port)})`;
  const looksOwn = looksLikeYou(chat.name) || isNamed(chat, me);
  return namesake !== undefined || looksOwn ? ` (${chat.address})` : "";
}

/** Marks a caller who uses the user's own name. */
export function underOwnName(event: ClientEvent, { me }: View): string {
  if (event.type === "calls-rejected") return isNamed(event, me) ? "; that is your own name" : "";
  if (event.type !== "incoming-call" || !isNamed(event.caller, me)) return "";
  return "; that is your own name, but not you";
}

/** Whether a name looks like the own one. */
export function isNamed({ name }: { readonly name: string }, me: string | undefined): boolean {
  return me !== undefined && nameKey(name) === nameKey(me);
}
