import type { RoomEntry } from "../../../protocol/mod.ts";
import type { RoomStore, StoredRoomEntry } from "../room_store.ts";
import { readRoomRecord } from "./room_record.ts";
import type { RoomReplica } from "./room_replica.ts";

/** The entries of a room that a peer is given. */
export class ServedEntries {
  readonly #key: string;
  readonly #replica: RoomReplica;
  readonly #store: RoomStore;

  /** @param key the peer's, in hex */
  constructor(key: string, replica: RoomReplica, store: RoomStore) {
    this.#key = key;
    this.#replica = replica;
    this.#store = store;
  }

  get role(): ReturnType<RoomReplica["membership"]["servedAs"]> {
    return this.#replica.membership.servedAs(this.#key);
  }

  /** Nobody is served an entry behind their removal; guests are served no talk. */
  maySee({ isMembership, hash }: StoredRoomEntry): boolean {
    const { membership } = this.#replica;
    if (this.role !== undefined) return isMembership || this.role !== "guest";
    const [removal, node] = [membership.removalOf(this.#key), membership.get(hash)];
    return isMembership && removal !== undefined && node !== undefined &&
      (node === removal || membership.isBefore(node, removal));
  }

  /** The texts that their authors have deleted since: nobody else is to have them. */
  async deletedAmong(entries: readonly StoredRoomEntry[]): Promise<Set<StoredRoomEntry>> {
    const talk = entries.filter(({ isMembership }) => !isMembership);
    const targetOf = ({ target, hash }: StoredRoomEntry) => target === "" ? hash : target;
    const targets = [...new Set(talk.map(targetOf))];
    const actions = targets.length === 0
      ? []
      : await this.#store.actionsOn(this.#replica.id, targets);
    const deletes = new Set(actions.flatMap(({ author, target, entry }) => {
      const { body } = readRoomRecord(entry) ?? {};
      return body?.type === "action" && body.action === "delete" ? [`${author} ${target}`] : [];
    }));
    return new Set(
      talk.filter((stored) =>
        stored.text !== "" && deletes.has(`${stored.author} ${targetOf(stored)}`)
      ),
    );
  }

  /** Newcomers get the entries of the past without texts, unless the room shows it. */
  withoutPast({ isMembership, entry }: StoredRoomEntry): RoomEntry {
    const { membership } = this.#replica;
    if (isMembership || membership.policy.showsPast) return entry;
    const record = readRoomRecord(entry);
    if (record === undefined || membership.maySeeBody(record, this.#key)) return entry;
    return { header: entry.header, signature: entry.signature };
  }
}
