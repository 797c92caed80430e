/**
 * Every limit of the wire and of the two programs, in one place.
 * Sizes are in bytes, times in milliseconds, unless the name says otherwise. Those of the wire stand
 * in protocol/docs/errors.md, "Limits".
 *
 * @example A text field that takes no longer name than a server does
 * ```ts
 * import { limits } from "@mim/mim";
 * import { assertEquals } from "@std/assert";
 *
 * const field = { maxLength: limits.nameUnits };
 * assertEquals(field, { maxLength: 64 });
 * ```
 */
export const limits = {
  /** A user's name, in UTF-16 code units, after trimming. */
  nameUnits: 64,
  /** The body of a login block. */
  loginBlock: 4_096,
  /** The body of any block that a server sends. */
  block: 65_535,
  /** The whole welcome, its line ends included. */
  welcomeBytes: 8_192,
  /** Lines of the welcome, the closing empty one not counted. */
  welcomeLines: 64,
  /** One line of chat, its line end not counted. */
  line: 65_536,
  /** A status text, in UTF-16 code units. */
  statusUnits: 256,
  /** Further addresses of one client. */
  furtherAddresses: 16,
  /** Each of them, in UTF-16 code units. */
  addressUnits: 64,
  /** The text of a server's refusal, in UTF-16 code units. */
  refusalUnits: 1_024,
  /** An encrypted message's text, as UTF-8. */
  text: 16_384,

  /** From accepting a connection to its complete login. */
  loginTime: 30_000,
  /** From accepting a peer's connection to its complete first line. */
  handshakeTime: 10_000,
  /** How long a dial may take, to a server or to a peer. */
  dialTime: 10_000,
  /** How long a server may stay silent after the login. */
  loginAnswerTime: 10_000,
  /** A server that sends no welcome, or never ends it, is sent the login after so much silence. */
  welcomeTime: 1_500,
  /** How long a closing chat may take to hand over what was written before. */
  lingerTime: 2_000,
  /** Silence after which classic clients are sent a Delete that names nobody. */
  keepAliveTime: 120_000,

  /** How often a server pings its MIM/2 clients. */
  pingTime: 30_000,
  /** Silence after which it drops one of them: this many times the time between pings. */
  silentPings: 2.5,
  /** How long somebody has to answer whom another could not dial. */
  unreachableTime: 4_000,
  /** How long a server's probe of a client's listener may take. */
  probeTime: 3_000,
  /** How often at most one listener is probed. */
  probeAgainTime: 60_000,
  /** How long a refused client has to take the reason. */
  farewellTime: 500,

  /** How long a connection that is not taken may take to hear why. */
  turnAwayTime: 2_000,

  /** Such connections at once; those over it are just closed. */
  turnedAway: 16,
  /** Probes under way at once. */
  probes: 16,
  /** Messages of the server's for one client alone that may wait to be written. */
  notices: 64,
  /** Messages that a MIM/2 client may send its server at once; over it, it is dropped. */
  messageBurst: 60,
  /** The same, a second, from there on. */
  messageRate: 10,
  /** Changes of status that are told at once; those over it are told later, as one. */
  statusBurst: 5,
  /** The same, a second, from there on. */
  statusRate: 0.2,
  /** Requests to be dialled back that are passed on at once; those over it are not. */
  callMeBurst: 20,
  /** The same, a second, from there on. */
  callMeRate: 1,
  /** Reports that somebody could not be dialled that are looked into at once; those over it are not. */
  reportBurst: 10,
  /** The same, a second, from there on. */
  reportRate: 0.2,
  /** Days after which a name that its key does not use is free again. */
  claimDays: 90,

  /** How far a client may lag behind the update log before it is dropped as too slow. */
  updateLag: 4_194_304,
  /** Connections at once from one address (loopback exempt). */
  connectionsPerAddress: 1_024,
  /** New connections a minute from one address (loopback exempt). */
  connectionRate: 1_200,
  /** Peers that have connected to a client and not yet told their name. */
  unidentifiedPeers: 32,
  /** Chats that a client holds at once. */
  chats: 1_024,
  /** Calls that wait for the user's answer at once; the oldest makes room. */
  heldCalls: 16,
  /** How long a call may wait for the user's answer. */
  heldCallTime: 120_000,
  /** How much of what such a caller says is read before the answer. */
  heldText: 16_384,
  /** Users, names and addresses that a client ignores. */
  ignored: 1_000,
  /** What may wait to be written to one peer. */
  unsent: 1_048_576,
  /** Messages that wait in a client to be delivered. */
  outbox: 10_000,
  /** Users in the table that a client keeps; a server that sends more is not believed. */
  onlineUsers: 200_000,
  /** Characters of names and addresses in that table, all together. */
  onlineUnits: 16_777_216,
} as const;
