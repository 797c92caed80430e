/** The store in which the servers of a cluster settle claims and bans: of two that write one key at once, one wins. */
export interface RecordStore {
  /**
   * The value of a key; undefined if there is none.
   *
   * @throws {Error} if it can't be reached
   */
  get(key: string): Promise<StoredRecord | undefined>;
  /**
   * Writes a key that has no value; false if it has one.
   *
   * @throws {Error} if it can't be reached
   */
  create(key: string, value: Uint8Array): Promise<boolean>;
  /**
   * Replaces a value; false if it is not of that revision.
   *
   * @throws {Error} if it can't be reached
   */
  update(key: string, value: Uint8Array, revision: number): Promise<boolean>;
}

/** A value of the store. */
export interface StoredRecord {
  readonly value: Uint8Array;
  readonly revision: number;
}
