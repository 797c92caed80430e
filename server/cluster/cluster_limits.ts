/** The times and sizes by which nodes keep to each other. Those without a unit in their names are counts. */
export const clusterLimits = {
  /** Time between two beats. */
  beatMs: 2_000,
  /** Silence after which a node's rows go, if it counts. */
  silenceMs: 7_000,
  /**
   * How much later than another node an own beat must have been heard, so that the rows of users who have logged in
   * elsewhere since are not shown there: longer than between two beats.
   */
  doubtMs: 2_500,
  /** A node hears itself if its own beat came back within this time. */
  ownBeatMs: 5_000,
  /** For so long after it hears itself again, no silence of others counts: they may still be on their way. */
  graceMs: 10_000,
  /** After so long without a word a node's rows go in any case. */
  longestSilenceMs: 600_000,
  /** The rows of a node that is gone go one after the other within this time. */
  leavingMs: 1_000,
  /** How long a node may be ahead of what came of its log until all its rows are asked for. */
  aheadMs: 1_000,
  /** How far apart nodes ask one for all its rows, at most and for each node there is. */
  askSpreadMs: 2_000,
  askSpreadPerNodeMs: 50,
  /**
   * Rows that were asked for and do not come are asked for again: soon if none comes at all, since the node may not
   * have heard it, and twice as late each time; later if some are missing.
   */
  firstAnswerMs: 1_000,
  answerMs: 5_000,
  /** How long a request of another node waits for that node's log. */
  requestHeldMs: 5_000,
  /** How long a login with a new name waits for NATS to be there. */
  claimWaitMs: 2_000,
  /** How often silence and gaps are looked for. */
  tickMs: 100,
  /** Bytes of rows in one message: NATS takes 1 MiB, unless it says otherwise. */
  messageBytes: 262_144,
  /** Bytes of a node's log that are kept until all its rows have come. */
  keptBytes: 16_777_216,
  /** Requests of a node that wait for its log. */
  heldRequests: 1_000,
  /** Sessions that are known to have ended before their nodes said so. */
  endedSessions: 100_000,
  /** Other nodes. */
  nodes: 256,
} as const;
