/** The users whose coming and going the info text mentions. */

import { assertEquals } from "@std/assert";
import { MessageArchive } from "../../../client/app/mod.ts";
import { Profile } from "../../../client/storage/mod.ts";
import { WindowState } from "../../../client/window/state/mod.ts";
import { poll } from "../../helpers/wait.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";

Deno.test("window state: the info text mentions who comes and goes as the setting joins says", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [bob] = await env.online(at, "bob");
  const ada = env.user("ada", at);
  const states = (["on", "smart", "off"] as const).map((joins) =>
    new WindowState(ada, new MessageArchive(new Profile(undefined, { joins }), () => {}))
  );
  const lines = () =>
    states.map(({ info }) =>
      info.lines.map(({ text }) => text).filter((text) => /is (online|offline)$/.test(text))
    );
  await ada.login();
  await ada.users.ready;
  // Users who were there before are not mentioned.
  await ada.call("bob");
  await env.online(at, "carol");
  await ada.saw("online", { name: "carol" });
  bob.logout();
  await poll(() => lines()[0]?.length === 2, "both lines");
  assertEquals(lines(), [["carol is online", "bob is offline"], ["bob is offline"], []]);
  for (const state of states) state.close();
});
