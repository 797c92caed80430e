/** A login that waits for several things is answered before its client gives up. */

import { assertEquals } from "@std/assert";
import { LoginWait, MAX_LOGIN_WAIT_MS } from "../../../server/logins/login_wait.ts";
import { FakeTime } from "../../helpers/time.ts";

Deno.test("logins: all that one waits for together takes no longer than its client waits", async () => {
  using time = new FakeTime();
  let late = 0;
  const known: string[] = [];
  const wait = new LoginWait(() => late++);
  const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  wait.until(first.promise, (value) => {
    known.push(value);
    wait.until(second.promise, (other) => known.push(other));
  });
  await time.pass(5_000);
  first.resolve("bans");
  await time.pass(MAX_LOGIN_WAIT_MS - 5_000 - 1);
  assertEquals([known, late], [["bans"], 0]);
  await time.pass(1);
  assertEquals(late, 1);
  second.resolve("name");
  await time.pass(0);
  assertEquals([known, late, time.waiting], [["bans"], 1, 0]);
});

Deno.test("logins: what is known in time is gone on with, and nothing is late", async () => {
  using time = new FakeTime();
  let late = 0;
  const known: string[] = [];
  const wait = new LoginWait(() => late++);
  wait.until(Promise.resolve("bans"), (value) => known.push(value));
  await time.pass(MAX_LOGIN_WAIT_MS);
  assertEquals([known, late, time.waiting], [["bans"], 0, 0]);
});
