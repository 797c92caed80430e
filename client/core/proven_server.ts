/** A server that has proven its key at a login. */
export interface ProvenServer {
  /** Its public key of Ed25519, 32 bytes. */
  readonly serverKey: Uint8Array;
  /** The time by its clock now, counted on by timers since the login, in milliseconds since 1970. */
  readonly serverTime: number;
  /** Whether it certifies nobody. */
  readonly isUncertified: boolean;
  /** Whether it has no lobby. */
  readonly hasNoLobby?: boolean;
}
