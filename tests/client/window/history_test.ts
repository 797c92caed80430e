/** Earlier messages in the window, and the search. */

import { assertEquals, assertMatch } from "@std/assert";
import { chromiumTests } from "../../helpers/chromium.ts";
import {
  expectAttribute,
  expectText,
  expectTexts,
  expectValue,
} from "../../helpers/page_assertions.ts";
import {
  call,
  chatWith,
  closeButton,
  say,
  scrollUntil,
  TestWindow,
  until,
} from "../../helpers/window.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";

const test = chromiumTests();

test("window: scrolling up loads earlier messages, and the search covers all chats", async (browser) => {
  await using env = TestEnvironment.real();
  const folder = await Deno.makeTempDir();
  try {
    const { at } = env.serve({ data: `${folder}/server` });
    const { History } = await import("../../../client/storage/history/history.ts");
    const { Profile } = await import("../../../client/storage/profile.ts");
    const history = await History.open(`${folder}/history.db`, () => {});
    const peer = { name: "bob", address: "127.0.0.1:4000" };
    for (let n = 0; n < 250; n++) {
      const day = Math.floor(n / 100);
      const at = Date.UTC(2026, 0, 10 + day, 12, n % 60);
      history?.append({ peer, type: n % 2 ? "sent" : "received", text: `line ${n} of old`, at });
    }
    await history?.close();
    await using mim = await TestWindow.start(at, { profile: new Profile(folder) });
    const ada = await mim.online(browser, "ada");
    const [bob] = await env.online(at, "bob");
    await call(ada, "bob");
    await say(ada, "bob", "of today");
    await bob.saw("message", { text: "of today" });
    const log = ada.getByRole("log", { name: "Messages with bob" });
    await log.getByText("line 249 of old").waitFor();
    assertEquals(await log.getByText("line 0 of old").count(), 0);
    await scrollUntil(ada, 0, "line 0 of old");
    const texts = await log.locator(".text").allInnerTexts();
    assertEquals(texts.slice(0, 3), ["line 0 of old", "line 1 of old", "line 2 of old"]);
    assertEquals(new Set(texts).size, texts.length);
    // Scrolling down leads back to today.
    await scrollUntil(ada, 1e9, "of today");
    await ada.keyboard.press("Control+k");
    const words = ada.getByRole("searchbox", { name: "Find people and messages" });
    const found = ada.getByRole("group", { name: "Messages" }).getByRole("option");
    await words.fill("<b>nothing</b>");
    await ada.getByText("No message has all these words").waitFor();
    await words.press("Escape");
    await expectValue(words, "");
    await words.fill("line 123");
    await found.first().waitFor();
    assertMatch(await found.first().innerText(), /you to\s*bob.*line 123 of old/s);
    // The words are marked.
    await expectTexts(found.first().locator("mark"), ["line", "123"]);
    // A hit opens its chat at the message.
    await words.press("ArrowDown");
    await ada.keyboard.press("Enter");
    await log.locator(".hit", { hasText: "line 123 of old" }).and(ada.locator(":focus")).waitFor();
    await closeButton(ada, "bob").click();
    await chatWith(ada, "bob").waitFor({ state: "detached" });
    for (const text of ["line 7 of old", "of today"]) {
      await ada.keyboard.press("Control+k");
      await words.fill(text.replace(" of", ""));
      await found.filter({ hasText: text }).click();
      await log.locator(".hit", { hasText: text }).waitFor();
    }
    // There are more than a hundred, and older ones follow.
    await ada.keyboard.press("Control+f");
    await words.fill("old");
    await found.first().waitFor();
    const count = ada.locator("#count-found");
    await expectText(count, "100");
    await words.press("ArrowDown");
    await ada.keyboard.press("End");
    await ada.keyboard.press("Enter");
    await until(ada, `document.querySelector("#count-found").textContent === "200"`);
    // Only what one of both has written.
    for (
      const [text, first] of [["from:bob line", /line 248/], ["from:me line", /line 249/]] as const
    ) {
      await words.fill(text);
      await found.first().getByText(first).waitFor();
      const shown = (await found.allInnerTexts()).join(" ");
      const numbers = [...shown.matchAll(/line (\d+)/g)].map(([, number]) => Number(number) % 2);
      assertEquals(new Set(numbers), new Set([text === "from:me line" ? 1 : 0]));
    }
    await words.fill("from:me");
    await found.first().getByText("of today").waitFor();
    assertEquals(await found.first().locator("mark").count(), 0);
    await words.fill("from:nobody line");
    await ada.getByText("No message has all these words").waitFor();
    await words.press("Escape");
    // From far back, one key leads to the newest message.
    await scrollUntil(ada, 0, "line 7 of old");
    await log.focus();
    await ada.keyboard.press("End");
    await until(
      ada,
      `(({ scrollTop, clientHeight, scrollHeight }) =>
        scrollTop + clientHeight >= scrollHeight - 30)(document.querySelector(".chat .log"))`,
    );
    assertEquals(await log.getByText("of today").last().isVisible(), true);
    // This has called nobody; the first line does.
    await expectAttribute(chatWith(ada, "bob"), "data-state", "idle");
    await say(ada, "bob", "on we go");
    await bob.saw("message", { text: "on we go" });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
