import { assertEquals } from "@std/assert";
import type { Messenger } from "../../../client/core/mod.ts";
import { AutoAway } from "../../../client/app/auto_away.ts";
import { FakeTime } from "../../helpers/time.ts";

/** A messenger as far as availability goes. */
class Somebody {
  availability: Messenger["availability"] = "online";
  readonly told: string[] = [];
  readonly messenger = this as unknown as Messenger;

  setStatus(availability: Messenger["availability"]): void {
    this.availability = availability;
    this.told.push(availability);
  }
}

Deno.test("idle: away after ten minutes without a key, back at the next", async () => {
  using time = new FakeTime();
  const ada = new Somebody();
  const idle = new AutoAway(() => ada.messenger);
  idle.touch();
  await time.pass(9 * 60_000);
  idle.touch();
  await time.pass(9 * 60_000);
  assertEquals(ada.told, []);
  await time.pass(60_000);
  assertEquals(ada.told, ["away"]);
  idle.touch();
  assertEquals(ada.told, ["away", "online"]);
  idle.stop();
});

Deno.test("idle: what the user has said of it stays", async () => {
  using time = new FakeTime();
  const ada = new Somebody();
  const idle = new AutoAway(() => ada.messenger);
  ada.setStatus("busy");
  idle.touch();
  await time.pass(20 * 60_000);
  idle.touch();
  assertEquals(ada.told, ["busy"]);
  idle.stop();
});
