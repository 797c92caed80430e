/** Hostile input to the window and to the browser that shows it. */

import { Wire } from "../../helpers/peers.ts";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { encodeAdd } from "../../../protocol/mod.ts";
import { chromiumTests } from "../../helpers/chromium.ts";
import { logIn as answerLogin } from "../../helpers/fake_server.ts";
import { expectCount } from "../../helpers/page_assertions.ts";
import {
  call,
  chatRow,
  chatWith,
  hears,
  openLog,
  say,
  TestWindow,
  until,
} from "../../helpers/window.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

const MARKUP =
  `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

test("window: a hostile page reaches neither the page nor the WebSocket", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const inside = ada.url();
  const served = new AbortController();
  const { addr, finished } = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    signal: served.signal,
    onListen: () => {},
  }, (request) => {
    // Browsers treat other ports of this machine as the same site, but send no cookie there.
    assertEquals(request.headers.get("cookie"), null);
    return new Response("<h1>free coffee</h1>", { headers: { "content-type": "text/html" } });
  });
  const evil = await ada.context().newPage();
  await evil.goto(`http://127.0.0.1:${addr.port}/`);
  await evil.reload();
  const tried = await evil.evaluate(`(async () => {
    const inside = ${JSON.stringify(inside)};
    const socket = await new Promise((resolve) => {
      const opening = new WebSocket(inside.replace("http", "ws") + "socket");
      opening.onopen = () => resolve("open");
      opening.onerror = () => resolve("refused");
    });
    const read = await fetch(inside, { credentials: "include" }).then(() => "read", () => "refused");
    const blind = await fetch(inside + "main.js", { mode: "no-cors", credentials: "include" })
      .then(({ type }) => type, () => "refused");
    const script = await new Promise((resolve) => {
      const script = document.createElement("script");
      script.src = inside + "main.js";
      script.onload = () => resolve("loaded");
      script.onerror = () => resolve("refused");
      document.head.append(script);
    });
    const frame = document.createElement("iframe");
    frame.src = inside;
    const framed = await new Promise((resolve) => {
      frame.onload = () => {
        try {
          resolve(frame.contentDocument === null ? "refused" : frame.contentDocument.title);
        } catch {
          resolve("refused");
        }
      };
      document.body.append(frame);
    });
    return { socket, read, blind, script, framed };
  })()`);
  assertEquals(tried, {
    socket: "refused",
    read: "refused",
    blind: "refused",
    script: "refused",
    framed: "refused",
  });
  assertEquals(evil.frames().map((frame) => frame.name()).length, 2);
  assert(!(await evil.frames()[1]?.content() ?? "").includes("Who is online"));
  await evil.close();
  served.abort();
  await finished;
});

test("window: markup in names, texts, the welcome and addresses stays text", async (browser) => {
  const name = `<b onclick=alert(1)>bob</b>`;
  const welcome = `${MARKUP}\n<style>*{display:none}</style>`;
  await using scenario = await Scenario.start(browser, { server: { welcome } });
  const { ada } = scenario;
  const [bob] = await scenario.users(name);
  const chat = await bob.call("ada");
  await chat.send(MARKUP);
  await chat.send("\u202Eevil\u202C \x1b[31m \u0000 ␛ \u200B&amp;");
  await hears(ada, name, "evil");
  const texts = await chatWith(ada, name).locator(".text").allInnerTexts();
  assertEquals(texts[0], MARKUP);
  assertEquals(texts[1], "�evil� ␛[31m ␀ ␛ �&amp;");
  const info = await (await openLog(ada)).innerText();
  assertStringIncludes(info, "<style>*{display:none}</style>");
  await ada.getByRole("option", { name: /^<b onclick/ }).waitFor();
  await until(ada, 'document.title === "MIM — ada"');
  assertEquals(await ada.locator("img, main b, style, script:not([src])").count(), 0);
});

test("window: invisible and right-to-left characters in names are visible", async (browser) => {
  await using env = TestEnvironment.real();
  const entries = [
    { name: "\u202Eada", address: "127.0.0.1", port: 1 },
    { name: "a\u200Bda", address: "127.0.0.1", port: 2 },
    { name: "x".repeat(500), address: "10.0.0.1\u202E", port: 3 },
    { name: "", address: "", port: 0 },
  ];
  const at = env.listen(async (wire) => {
    await answerLogin(wire, ...entries.map(encodeAdd));
    await wire.hung();
  });
  await using mim = await TestWindow.start(at);
  const ada = await mim.online(browser, "ada");
  await until(ada, `document.querySelectorAll("#rows .item").length === 5`);
  const names = await ada.locator("#rows .name").allInnerTexts();
  assert(names.includes("�ada") && names.includes("a�da"));
  assert(names.every((name) => name.length <= 65));
  await mim.closePages();
});

test("window: a line of 1 MB ends only the chat it came in", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const [bob] = await scenario.users("bob");
  await call(ada, "bob");
  const port = [...bob.users].find(({ name }) => name === "ada")?.port ?? 0;
  using eve = await Wire.call({ hostname: "127.0.0.1", port }, "eve");
  await eve.sayLines("x".repeat(65_536));
  await chatRow(ada, "eve").click();
  await hears(ada, "eve", "xxxx");
  await eve.sayLines("y".repeat(1_000_000)).catch(() => {});
  await chatWith(ada, "eve").getByText("The connection to eve was lost").waitFor();
  await expectCount(chatWith(ada, "eve").locator(".text"), 1);
  await (await openLog(ada)).getByText(/The chat with eve cannot go on/).waitFor();
  await chatRow(ada, "bob").click();
  await say(ada, "bob", "still here");
  const { chat } = await bob.saw("message", { text: "still here" });
  await chat.send("so am I");
  await hears(ada, "bob", "so am I");
});

test("window: many incoming chats are rows, and the one in use stays", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const [bob] = await scenario.users("bob");
  await call(ada, "bob");
  const port = [...bob.users].find(({ name }) => name === "ada")?.port ?? 0;
  const callers: Wire[] = [];
  for (let n = 0; n < 30; n++) {
    callers.push(await Wire.call({ hostname: "127.0.0.1", port }, `caller ${n}`));
  }
  await until(ada, `document.querySelector("#count-chats")?.textContent === "31"`);
  await expectCount(ada.locator(".chat"), 1);
  await chatWith(ada, "bob").waitFor();
  await ada.getByRole("option", { name: /^Chat with caller 29/ }).click();
  await chatWith(ada, "caller 29").waitFor();
  for (const caller of callers) caller[Symbol.dispose]();
});
