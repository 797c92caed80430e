/** A session at a server that tells only of those who are watched. */
export interface Directory {
  /** Whether an answer is still to come: rows until then may be of users who were online before. */
  readonly isAsking: boolean;
  /** Has the server know whom this client watches; resolves once it has told of them. Never rejects. */
  sync(): Promise<void>;
  /** The same soon, and at once for all that changes until then. */
  refreshSoon(): void;
  /** Watches those whose names begin like this. Never rejects. */
  search(start: string): Promise<void>;
}
