import { identityOf, isSignatureValid, type SignedStatement } from "../../protocol/mod.ts";
import type { RecordStore, StoredRecord } from "../../server/cluster/record_store.ts";
import type { ClaimSigner } from "../../server/identity/mod.ts";

/**
 * Which of a server's keys has signed a claim or a ban; undefined if none has.
 *
 * @param keys the private ones, the present one last
 */
export function signerAmong(
  keys: readonly Uint8Array[],
  statement: SignedStatement,
  signature: Uint8Array,
): ClaimSigner | undefined {
  const at = keys.findLastIndex((key) => isSignatureValid(statement, signature, identityOf(key)));
  if (at < 0) return undefined;
  return at === keys.length - 1 ? "present-key" : "earlier-key";
}

/** A store in memory that all servers share. */
export class MemoryStore implements RecordStore {
  readonly values = new Map<string, StoredRecord>();
  isGone = false;
  /** Is called before each write: another server may be faster. */
  beforeWrite: () => Promise<unknown> = () => Promise.resolve();
  #revision = 0;

  get(key: string): Promise<StoredRecord | undefined> {
    if (this.isGone) return Promise.reject(new Error("gone"));
    return Promise.resolve(this.values.get(key));
  }

  async create(key: string, value: Uint8Array): Promise<boolean> {
    if (this.isGone) throw new Error("gone");
    await this.beforeWrite();
    if (this.values.has(key)) return false;
    this.values.set(key, { value, revision: ++this.#revision });
    return true;
  }

  async update(key: string, value: Uint8Array, revision: number): Promise<boolean> {
    if (this.isGone) throw new Error("gone");
    await this.beforeWrite();
    if (this.values.get(key)?.revision !== revision) return false;
    this.values.set(key, { value, revision: ++this.#revision });
    return true;
  }

  get all(): { readonly key: string; readonly value: Uint8Array }[] {
    return Array.from(this.values, ([key, { value }]) => ({ key, value }));
  }
}
