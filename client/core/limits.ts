/** The limits that a client enforces. Units are in their names; those without one are counts. */
export const clientLimits = {
  /** From accepting a peer's connection to its complete first line or handshake. */
  handshakeTimeoutMs: 10_000,
  /** How long a caller with another key than the pinned one may take to show that the old one signed it. */
  rotationTimeoutMs: 2_000,
  /** How long a server may take to answer a login. */
  loginAnswerTimeoutMs: 10_000,
  /** How long a server may take to answer an admin's order. */
  orderAnswerTimeoutMs: 10_000,
  /** How long a server's welcome may take; the client then logs in without its end. */
  welcomeTimeoutMs: 1_500,
  /** How long a store may take before nothing waits for it any more. */
  storeTimeoutMs: 5_000,
  /** How long a closing chat may take to hand over what was written before. */
  lingerTimeoutMs: 2_000,
  /** Incoming connections that have not identified themselves yet. */
  unidentifiedPeers: 256,
  /** Chats at once. */
  chats: 1_024,
  /** Chats at once that strangers of one block of addresses have opened, and in a minute. */
  strangerChats: 16,
  /** How many of these one address may have opened in a minute: its neighbors have a share, too. */
  strangerChatsPerAddress: 8,
  /** Calls that wait for the user's answer at once; a new one replaces the oldest. */
  pendingCalls: 16,
  /** How long a call may wait for the user's answer. */
  pendingCallTimeoutMs: 120_000,
  /** How much of a pending caller's text is read. */
  pendingCallBytes: 16_384,
  /** Entries in the ignore list. */
  ignoredUsers: 1_000,
  /** Bytes that may wait to be written to one peer. */
  bufferedBytes: 1_048_576,
  /** Messages that wait to be delivered; then the oldest for those who have left most unfetched go. */
  outboxMessages: 10_000,
  /** How many may wait for one recipient who can't be reached; then the oldest go. */
  outboxMessagesPerRecipient: 1_000,
  /** Membership entries of one room; the owner's may be as many more. */
  roomMembershipEntries: 10_000,
  /** Those of one author who is not the owner. */
  roomMembershipEntriesPerAuthor: 1_000,
  /** Links with members of rooms. */
  roomLinks: 256,
  /** Links with callers that are in no room of the user's: they may hold an invitation. */
  roomStrangers: 16,
  /** Members that all link with each other; of a larger room, each with some. */
  roomMeshMembers: 64,
  /** With how many each links in a larger room. */
  roomGossipLinks: 8,
  /** Invitations that wait for the user. */
  roomInvitations: 64,
  /** Talk entries that are kept of one room; the oldest go. */
  roomTalkEntries: 100_000,
  /** Their bodies, in bytes. */
  roomTalkBytes: 268_435_456,
  /** How old the bodies may get. */
  roomTalkAgeMs: 31_536_000_000,
  /** Entries of one room that wait for others which they name. */
  roomWaitingEntries: 256,
  /** Takers of files that are served at once; others wait in line. */
  filesAtOnce: 4,
  /** Offers of files that wait for the user's answer; then the oldest of who has made most go. */
  fileOffers: 1_000,
  /** Offers from one key. */
  fileOffersPerKey: 200,
  /** Keys and names that are watched at a server that tells only of these: it takes 4,096. */
  watchedItems: 4_000,
  /** Those among them that were asked for by name, have called or were found; then the oldest go. */
  watchedNames: 256,
  watchedCallers: 256,
  watchedFound: 500,
  /** Members of rooms among them. */
  watchedMembers: 1_024,
  /** Users in a server's table; the client leaves a server that sends more. */
  onlineUsers: 200_000,
  /** Names and addresses in that table, in UTF-16 code units in total. */
  onlineUnits: 16_777_216,
  /** The memory that the table takes, in bytes, estimated. */
  onlineBytes: 268_435_456,
} as const;
