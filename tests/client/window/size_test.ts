/** Ten thousand users, ten thousand messages: only what is in view is an element. */

import { assert } from "@std/assert";
import { chromiumTests } from "../../helpers/chromium.ts";
import { serverWithMany } from "../../helpers/fake_server.ts";
import { expectAttribute, expectCount } from "../../helpers/page_assertions.ts";
import { scrollUntil, TestWindow, until } from "../../helpers/window.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import { Scenario } from "./scenarios.ts";

const MANY = 10_000;

const test = chromiumTests();

test("window: a list of ten thousand users has a screenful of elements, filtered or not", async (browser) => {
  await using env = TestEnvironment.real();
  const at = serverWithMany(env, MANY);
  await using mim = await TestWindow.start(at);
  const ada = await mim.online(browser, "ada");
  await until(ada, `document.querySelector("#count").textContent === "${MANY + 1}"`);
  assert(await ada.locator("#rows .item").count() < 40);
  // The benchmark measures how fast this is.
  const filter = ada.getByRole("searchbox", { name: "Find people and messages" });
  const rows = ada.getByRole("listbox").getByRole("option");
  for (const text of ["u", "user 9", "9"]) {
    await filter.fill(text);
    const shown = await rows.count();
    assert(shown > 11 && shown < 40, `${shown} rows`);
  }
  await filter.fill("user 777");
  await expectCount(rows, 11);
  await filter.fill("");
  await filter.press("ArrowDown");
  await ada.keyboard.press("End");
  await rows.filter({ hasText: "user 9999" }).waitFor();
  await expectAttribute(rows.filter({ hasText: "user 9999" }), "aria-posinset", String(MANY + 1));
  assert(await ada.locator("#rows .item").count() < 40);
  await mim.closePages();
});

test("window: a chat of ten thousand messages has some screenfuls of elements, and scrolls to all", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const { chat } = await scenario.callBob();
  for (let n = 0; n < MANY; n += 500) {
    const lines = Array.from({ length: 500 }, (_, index) => `message ${n + index}.`);
    await chat.send(lines.join("\n"));
  }
  await ada.getByText(`message ${MANY - 1}.`, { exact: true }).first().waitFor();
  const rows = ada.locator(".chat li[data-message]");
  assert(await rows.count() <= 320);
  // The newest message is in view.
  await until(
    ada,
    `(({ scrollTop, clientHeight, scrollHeight }) => scrollTop + clientHeight >= scrollHeight - 30)(
      document.querySelector(".chat .log"),
    )`,
  );
  await scrollUntil(ada, 0, "message 0.");
  assert(await rows.count() <= 320);
  await scrollUntil(ada, 1e9, `message ${MANY - 1}.`);
  assert(await rows.count() <= 320);
  // After a reload the page gets only the newest messages, and loads others when it scrolls.
  await ada.reload();
  await ada.getByText(`message ${MANY - 1}.`, { exact: true }).first().waitFor();
  await scrollUntil(ada, 0, "message 9000.");
});
