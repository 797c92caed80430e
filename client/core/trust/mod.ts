/**
 * The keys of servers and of users, as they were met first, and what follows for logins,
 * calls and names that look alike. Opens no connection and asks nobody.
 *
 * @module
 */

export { ConfusableContacts, type Named } from "./confusable_contacts.ts";
export { checkLink, KnownServers } from "./known_servers.ts";
export { lastAddress, Pins } from "./pins.ts";
export type { Contact, ServerTrust, Trust } from "./trust.ts";
export {
  type Claim,
  classicDoubt,
  keyInTable,
  type KeyStanding,
  mayEnter,
  type NameEvidence,
  preferNewer,
  type TrustedKey,
} from "./call_admission.ts";
