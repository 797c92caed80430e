/** Whether two arrays hold the same bytes. Not for secrets: how long it takes depends on them. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
