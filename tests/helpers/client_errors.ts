import { assertEquals, assertRejects } from "@std/assert";
import { ClientError, type ClientErrorCode } from "../../client/core/mod.ts";

/** Asserts that `fn` rejects with a ClientError of this code, and returns it. */
export async function assertRefused(
  code: ClientErrorCode,
  fn: () => Promise<unknown>,
): Promise<ClientError> {
  const error = await assertRejects(fn, ClientError);
  assertEquals(error.code, code, error.message);
  return error;
}
