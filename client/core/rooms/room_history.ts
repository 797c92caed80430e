import { roomKinds } from "../../../protocol/mod.ts";
import type { Room, RoomItem, RoomMessage, RoomPerson } from "../room.ts";
import type { RoomPlace, RoomStore, StoredRoomEntry } from "../room_store.ts";
import type { Deliveries } from "./deliveries.ts";
import { inOrder } from "./memory_room_store.ts";
import { deliveryOf, messageOf, noticeOf, recordsOf } from "./room_message.ts";
import type { RoomRecord } from "./room_record.ts";
import type { RoomReplica } from "./room_replica.ts";
import type { Transfer } from "../transfer.ts";
import { wordMatcher } from "./word_search.ts";

/** How many items are given if nothing else is asked for. */
const HISTORY_ITEMS = 100;
/** How many texts are looked at before something else may happen. */
const SEARCHED_AT_ONCE = 1_000;

interface HistoryParts {
  readonly room: Room;
  /** The user's own key, in hex. */
  readonly own: string;
  readonly store: RoomStore;
  readonly replica: RoomReplica;
  readonly deliveries: Deliveries;
  readonly personOf: (key: string) => RoomPerson;
  readonly isIgnored: (person: RoomPerson) => boolean;
  /** The transfer that a message offers, if it is listed. */
  readonly transferOf: (id: string) => Transfer | undefined;
}

/** The stored entries of a room as they are shown. */
export class RoomHistory {
  readonly #parts: HistoryParts;

  constructor(parts: HistoryParts) {
    this.#parts = parts;
  }

  async newest(
    { most = HISTORY_ITEMS, before }: {
      readonly most?: number | undefined;
      readonly before?: Pick<RoomItem, "id" | "time"> | undefined;
    } = {},
  ): Promise<RoomItem[]> {
    const { store, room } = this.#parts;
    const items: RoomItem[][] = [];
    let place = before && { effective: before.time, hash: before.id };
    for (let count = 0; count < most;) {
      const page = await store.newest(room.id, most, place);
      const [first] = page;
      if (first === undefined) break;
      const shown = await this.#itemsOf(page);
      items.unshift(shown);
      count += shown.length;
      if (page.length < most) break;
      place = first;
    }
    return items.flat().slice(-most);
  }

  async search(words: string, most = HISTORY_ITEMS): Promise<RoomMessage[]> {
    const { store, room } = this.#parts;
    const matches = wordMatcher(words);
    const found = new Map<string, RoomMessage>();
    let before: RoomPlace | undefined;
    while (matches !== undefined && found.size < most) {
      const page = await store.texts(room.id, SEARCHED_AT_ONCE, before);
      for (const { hash, target, text } of page) {
        const id = target === "" ? hash : target;
        if (found.has(id) || !matches(text)) continue;
        const message = await this.find(id);
        // It may have another text now.
        if (message !== undefined && matches(message.text)) found.set(id, message);
      }
      before = page.at(-1);
      if (page.length < SEARCHED_AT_ONCE) break;
    }
    return [...found.values()].sort((one, other) =>
      inOrder({ effective: one.time, hash: one.id }, { effective: other.time, hash: other.id })
    ).slice(-most);
  }

  async find(id: string): Promise<RoomMessage | undefined> {
    const { store, room } = this.#parts;
    const items = await this.#itemsOf(await store.find(room.id, [id]));
    return items.find((item) => item.type === "message");
  }

  async #itemsOf(entries: readonly StoredRoomEntry[]): Promise<RoomItem[]> {
    const { room, store, replica: { membership }, personOf } = this.#parts;
    const found = recordsOf(entries);
    const talk = found.filter(({ record }) => !record.isMembership).map(({ stored }) =>
      stored.hash
    );
    const acted = recordsOf(talk.length === 0 ? [] : await store.actionsOn(room.id, talk));
    const actions = acted.map(({ record }) => record)
      .filter((record) => membership.countsTalk(record) && !this.isIgnored(record.author));
    return found.flatMap(({ stored, record }): RoomItem[] => {
      if (record.isMembership) {
        const node = membership.get(record.hash);
        if (node === undefined || !membership.counts(node)) return [];
        if (this.isIgnored(record.author)) return [];
        const notice = noticeOf(stored, record, personOf, membership.isFirstJoin(node));
        return notice === undefined ? [] : [notice];
      }
      const isShown = record.body === undefined
        ? record.header.kind !== roomKinds.action
        : record.body.type === "text" || record.body.type === "file";
      if (!isShown || stored.target !== "" || !membership.countsTalk(record)) return [];
      if (this.isIgnored(record.author)) return [];
      const own = actions.filter(({ body }) =>
        body?.type === "action" && body.target.toHex() === record.hash
      );
      return [this.messageOf(record, stored, own, false)];
    });
  }

  /** Whether a message offers files. */
  async isOffer(id: string): Promise<boolean> {
    const { store, room } = this.#parts;
    const [stored] = recordsOf(await store.find(room.id, [id]));
    return stored?.record.body?.type === "file";
  }

  /** A message, with the actions on it that count. */
  messageOf(
    record: RoomRecord,
    stored: StoredRoomEntry,
    actions: readonly RoomRecord[],
    isLate: boolean,
  ): RoomMessage {
    const { room, own, replica, deliveries, personOf, transferOf } = this.#parts;
    const isContradiction = replica.log.isContradiction(record);
    const delivery = deliveries.get(stored.hash);
    const recipients = [...delivery?.recipients ?? []].map(([key, isDelivered]) => ({
      ...personOf(key),
      state: isDelivered ? "delivered" as const : "queued" as const,
    }));
    const direction = record.author === own ? "outgoing" : "incoming";
    const reached = delivery?.reached.promise ?? Promise.resolve();
    return messageOf({
      ...{ room, stored, record, actions, personOf, isLate, isContradiction },
      transfer: record.body?.type === "file" ? transferOf(stored.hash) : undefined,
      delivery: deliveryOf(direction, recipients, reached),
    });
  }

  /** Whether nothing of an author is shown. */
  isIgnored(author: string): boolean {
    const { own, personOf, isIgnored } = this.#parts;
    return author !== own && isIgnored(personOf(author));
  }
}
