/** The servers on the user's network, which the sign-in card offers. */

import { assertEquals } from "@std/assert";
import { formatAddress } from "../../../protocol/mod.ts";
import { chromiumTests } from "../../helpers/chromium.ts";
import { expectValue } from "../../helpers/page_assertions.ts";
import { poll } from "../../helpers/wait.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import { TestWindow } from "../../helpers/window.ts";

const test = chromiumTests();

/** A message of the program to a page, with servers as if it had found them on the network. */
function withFound(message: string, found: unknown): string {
  return JSON.stringify(
    JSON.parse(message),
    (key, value) => key === "me" && typeof value === "object" ? { ...value, found } : value,
  );
}

test("window: servers on the network are offered, the first is chosen, and labels are text", async (browser) => {
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  const { server, at: other } = env.serve();
  const address = ({ hostname, port }: typeof at) => formatAddress(hostname, port);
  const found = [
    {
      ...{ title: "evil <b>lab</b> \u202e", address: "192.0.2.9" },
      ...{ server: "192.0.2.9", isKnown: false },
    },
    { title: "the lab", address: "127.0.0.1", server: address(other), isKnown: true },
  ];
  await using mim = await TestWindow.start(at);
  await using context = await browser.newContext({ reducedMotion: "reduce" });
  await context.routeWebSocket(/\/socket$/, (socket) => {
    const program = socket.connectToServer();
    program.onMessage((message) => socket.send(withFound(String(message), found)));
  });
  const page = await mim.pageIn(context);
  const list = page.getByRole("group", { name: "On your network" });
  const choices = list.getByRole("radio");
  const field = page.getByRole("textbox", { name: "Server", exact: true });
  await list.waitFor();
  assertEquals(await choices.count(), 3);
  assertEquals(await list.locator("b").count(), 0);
  await list.getByText("evil <b>lab</b>").waitFor();
  await expectValue(field, "192.0.2.9");
  assertEquals(await choices.nth(0).isChecked(), true);

  // None of them: the server here, which MIM starts if there is none.
  await choices.nth(2).check();
  await expectValue(field, address(at));
  // By keyboard, and what is typed counts.
  await choices.nth(2).press("ArrowUp");
  await expectValue(field, address(other));
  assertEquals(await choices.nth(1).isChecked(), true);
  await field.fill("mim.example");
  assertEquals(await list.getByRole("radio", { checked: true }).count(), 0);
  // All at once, as on a machine that draws late.
  await page.evaluate(`
    document.querySelectorAll("input[name=found]")[1].click();
    const name = document.querySelector("#name");
    name.value = "ada";
    name.dispatchEvent(new InputEvent("input", { bubbles: true }));
    name.form.requestSubmit();
  `);
  await page.getByText("You are online as ada").waitFor();
  await poll(() => server.userCount === 1, "ada at the server that was chosen");
  await list.waitFor({ state: "detached" });
});
