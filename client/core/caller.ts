/** Somebody who calls and waits for an answer. */
export interface Caller {
  /** The caller's name, as it was told: not yet safe to print, and not proven. */
  readonly name: string;
  /** The caller's IP address. */
  readonly address: string;
  /** The port at which the caller can be called, or from which it called where that isn't known. */
  readonly port: number;
  /** The caller's public key, proven, 32 bytes; undefined where it calls in classic MIM. */
  readonly identity?: Uint8Array;
  /** Why it was not let in at once where the user's policy would have done that, in a few words. */
  readonly why?: string;
  /** Whether it has hung up since; then what it has said waits still. */
  readonly ended?: boolean;
}
