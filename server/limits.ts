/**
 * The limits that a server enforces. Their units are in their names; those without one are counts.
 * `ServerOptions` changes some of them.
 */
export const serverLimits = {
  /** From a connection to its complete login, and from there until it has taken the table. */
  loginTimeoutMs: 30_000,
  /** Silence after which classic clients are sent a Delete that names nobody. */
  keepAliveIntervalMs: 120_000,
  /** Time between two pings of a MIM/2 client. */
  pingIntervalMs: 30_000,
  /** How many ping intervals of silence end a MIM/2 client's connection. */
  silentPings: 2.5,
  /** Time between two probes of one client's listener. */
  probeIntervalMs: 60_000,
  /** Time between two dials of a classic client's listener, which show whether its machine is there. */
  classicDialIntervalMs: 300_000,
  /** The same after one that nothing has answered. */
  classicRedialMs: 10_000,
  /** How many unanswered dials in a row end a classic client's session. */
  missedClassicDials: 3,
  /** How many of them begin in a second. */
  classicDialsPerTick: 4,
  /** How long a rejected MIM/2 client has to read the reason. */
  farewellTimeoutMs: 500,
  /** How long a connection over the limits per address has to log in and learn the reason. */
  rejectionTimeoutMs: 2_000,
  /** Such connections at once; the server closes any more without a reason. */
  rejectedConnections: 16,
  /** How many of them get the reason in a burst: each costs a handshake. */
  rejectionBurst: 32,
  rejectionsPerSecond: 8,
  /** Handshakes that wait for their turn. */
  waitingHandshakes: 64,
  /** Handshakes in one turn of the event loop. */
  handshakesPerTurn: 4,
  /** Connections that have not logged in; for one more, the oldest of the fullest address is closed. */
  newcomers: 4_096,
  /** Probes at once. */
  probes: 16,
  /** Messages for one client alone that may wait to be written. */
  notices: 64,
  /** Messages that a MIM/2 client may send in a burst; one that sends more is disconnected. */
  messageBurst: 60,
  messagesPerSecond: 10,
  /** Status changes that are broadcast in a burst; later ones are delayed and merged. */
  statusBurst: 5,
  statusChangesPerSecond: 0.2,
  /** Bytes of changes of status that one source may have broadcast in a burst; others wait. */
  broadcastBurstBytes: 16_777_216,
  broadcastBytesPerSecond: 1_048_576,
  /** Callback requests that are passed on in a burst; the server ignores any more. */
  callMeBurst: 20,
  callMesPerSecond: 1,
  /** Reports of unreachable users that are acted upon in a burst; the server ignores any more. */
  reportBurst: 10,
  reportsPerSecond: 0.2,
  /** How long a user that one other reports has to answer a ping. */
  singleReportTimeoutMs: 15_000,
  /** How long an epoch of the log lasts if anything changes. */
  epochMs: 3_600_000,
  /** How long after a certificate its key gets another one. */
  certificateRenewalMs: 1_296_000_000,
  /** Days after which a name that its key has not used is free again. */
  nameClaimDays: 90,
  /** How long a client that logs in may take none of the table (loopback is exempt). */
  tableStallMs: 5_000,
  /** How long it may take to answer a ping in the middle of the table. */
  tableAnswerMs: 15_000,
  /** How far a client may lag behind the update log before it is disconnected as too slow. */
  updateLagBytes: 4_194_304,
  /** Up to how many users every MIM/2 client is told of everybody, also if it can do without. */
  fullTableUsers: 20_000,
  /** Up to how many users a classic client is let in: each of them is told of everybody. */
  classicTableUsers: 20_000,
  /** Keys, sessions and names that a client may watch. */
  watchedItems: 4_096,
  /** Rows and bytes in the answer to a query. */
  foundRows: 100,
  foundBytes: 60_000,
  /** Queries that are answered in a burst; the server ignores any more. */
  findBurst: 10,
  findsPerSecond: 1,
  /** Orders of an admin that are taken in a burst; any more fail. */
  orderBurst: 20,
  ordersPerSecond: 1,
  /** Seconds after which a worker that does not say how it is doing is replaced. */
  workerSilenceSeconds: 10,
  /** How long workers have to close their connections when the server stops. */
  workerStopMs: 1_200,
  /** Connections at once from one address (loopback is exempt). */
  connectionsPerAddress: 1_024,
  /** New connections a minute from one address (loopback is exempt). */
  connectionsPerMinute: 600,
} as const;
