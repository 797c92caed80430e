import { assertEquals } from "@std/assert";
import { Reconnector } from "../../../../client/core/session/reconnector.ts";
import { FakeTime } from "../../../helpers/time.ts";

Deno.test("retries: an attempt is made again, ever more rarely, until one succeeds", async () => {
  using time = new FakeTime();
  let tries = 0;
  const retries = new Reconnector(() =>
    ++tries < 4 ? Promise.reject(new Error("no answer")) : Promise.resolve()
  );
  retries.start(true);
  await time.pass(0);
  assertEquals(tries, 1);
  await time.pass(120_000);
  assertEquals(tries, 4);
  retries.stop();
  assertEquals(time.waiting, 0);
});

Deno.test("retries: stopped, they leave no timer, whatever is under way", async () => {
  using time = new FakeTime();
  for (const outcome of ["fails", "succeeds"]) {
    const attempt = Promise.withResolvers<void>();
    let tries = 0;
    const retries = new Reconnector(() => {
      tries++;
      return attempt.promise;
    });
    retries.start(true);
    await time.pass(0);
    retries.stop();
    if (outcome === "fails") attempt.reject(new Error("no answer"));
    else attempt.resolve();
    await time.pass(0);
    assertEquals(time.waiting, 0, outcome);
    retries.start();
    await time.pass(0);
    retries.stop();
    await time.pass(0);
    assertEquals([tries, time.waiting], [1, 0], "in the wait before an attempt");
  }
});
