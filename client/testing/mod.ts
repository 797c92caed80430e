/**
 * Helpers for tests of programs that use the library: a network in memory with a server on it, and
 * users. Needs nothing of a test framework.
 *
 * @module
 */

export { createTestNetwork, TestNetwork, type TestNetworkOptions } from "./test_network.ts";
export { TestUser } from "./test_user.ts";
