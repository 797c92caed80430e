/** Ten thousand users, ten thousand messages: what is not in view is no element. */

import { assert, assertEquals, assertLess } from "@std/assert";
import { FILTER_TIMES } from "../../bench/window.ts";
import { chromiumTests } from "../../helpers/chromium.ts";
import { serverWithMany } from "../../helpers/many_users.ts";
import { call, scrollUntil, TestWindow, until } from "../../helpers/window.ts";
import { World } from "../../helpers/world.ts";

const MANY = 10_000;

const test = chromiumTests();

test("window: ten thousand users in the list are a screenful of elements, and quick to filter", async (browser) => {
  await using world = World.real();
  const at = serverWithMany(world, MANY);
  await using mim = await TestWindow.start(at);
  const ada = await mim.online(browser, "ada");
  await until(ada, `document.querySelector("#count").textContent === "${MANY + 1}"`);
  assert(await ada.locator("#rows li").count() < 40);
  // Each key is answered before the browser draws again.
  const times: number[] = await ada.evaluate(FILTER_TIMES);
  assertLess(Math.max(...times), 250); // the goal is 50; other tests run beside this one
  await ada.getByRole("searchbox", { name: "Find a name" }).fill("user 777");
  const rows = ada.getByRole("listbox").getByRole("option");
  assertEquals(await rows.count(), 11);
  await ada.getByRole("searchbox", { name: "Find a name" }).fill("");
  await ada.getByRole("searchbox", { name: "Find a name" }).press("ArrowDown");
  await ada.keyboard.press("End");
  await rows.filter({ hasText: "user 9999" }).waitFor();
  assertEquals(
    await rows.filter({ hasText: "user 9999" }).getAttribute("aria-posinset"),
    String(MANY + 1),
  );
  assert(await ada.locator("#rows li").count() < 40);
  await mim.closePages();
});

test("window: ten thousand messages in a chat are some screenfuls of elements, all within reach", async (browser) => {
  await using world = World.real();
  const { at } = world.serve();
  await using mim = await TestWindow.start(at);
  const ada = await mim.online(browser, "ada");
  const [bob] = await world.online(at, "bob");
  await call(ada, "bob");
  const { chat } = await bob.saw("chat-opened");
  for (let n = 0; n < MANY; n += 500) {
    const lines = Array.from({ length: 500 }, (_, index) => `message ${n + index}.`);
    await bob.send(chat, lines.join("\n"));
  }
  await ada.getByText(`message ${MANY - 1}.`, { exact: true }).first().waitFor();
  const rows = ada.locator(".chat li[data-message]");
  assert(await rows.count() <= 320);
  const log = ada.locator(".chat .log");
  assertEquals(
    await log.evaluate((log) => {
      const [top, view, all] = ["scrollTop", "clientHeight", "scrollHeight"]
        .map((name) => Number(Reflect.get(log, name)));
      return (top ?? 0) + (view ?? 0) >= (all ?? 0) - 30;
    }),
    true,
    "the newest is in view",
  );
  await scrollUntil(ada, 0, "message 0.");
  assert(await rows.count() <= 320);
  await scrollUntil(ada, 1e9, `message ${MANY - 1}.`);
  assert(await rows.count() <= 320);
  // A page that comes now gets the last of them only, and the rest on scrolling.
  await ada.reload();
  await ada.getByText(`message ${MANY - 1}.`, { exact: true }).first().waitFor();
  await scrollUntil(ada, 0, "message 9000.");
});
