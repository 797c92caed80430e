/** Somebody between two machines: whatever is done on the way is noticed, and nothing of it is believed. */

import { assertEquals } from "@std/assert";
import { TempFolder } from "../helpers/disk.ts";
import type { TestProcess } from "../helpers/process.ts";
import { requiringTest } from "../helpers/required.ts";
import { missingNamespaces, TwoMachines } from "./namespaces.ts";

interface Setting {
  /** Has somebody on the way do something from now on. */
  readonly act: (what: string) => Promise<void>;
  /** A client on the other machine, with a key of its own. */
  readonly client: (name: string, ...args: string[]) => TestProcess;
}

async function onTheWay(test: (setting: Setting) => Promise<void>): Promise<void> {
  using machines = new TwoMachines();
  using folder = new TempFolder();
  const { here, there } = machines;
  await Deno.mkdir(`${folder.path}/server`);
  await using way = machines.run(
    here,
    "way",
    "tests/survival/proxy_machine.ts",
    `${folder.path}/server`,
  );
  const port = (await way.waitFor(/^listening /)).split(" ")[1];
  await test({
    async act(what) {
      await way.send(what);
      await way.waitFor(`ready to ${what}`);
    },
    client: (name, ...args) =>
      machines.run(there, name, "client/main.ts", "--plain", "--no-history", ...[
        ...["--name", name, "--server", `${here.address}:${port}`],
        ...["--data", `${folder.path}/${name}`, ...args],
      ]),
  });
}

const TO_THE_LOG = {
  "hold something back": "held back on the way",
  "replay": "told twice on the way",
  "change": "changed on the way",
  "inject": "followed by something made up on the way",
  "reflect": "followed by the client's own words",
};

for (const [what, words] of Object.entries(TO_THE_LOG)) {
  requiringTest(
    "netns",
    missingNamespaces,
    `a change of the list that is ${words} is noticed, and the list is right again`,
    () =>
      onTheWay(async ({ act, client }) => {
        await using ada = client("ada");
        await ada.waitFor("logged-in\tada");
        await act(what);
        await using bob = client("bob");
        await ada.waitFor(/^disconnected\twhat came is not what the server sent/);
        await ada.waitFor("logged-in\tada");
        await bob.waitFor("logged-in\tbob");
        await ada.send("/who");
        await ada.waitFor(/^user\t\d+\tbob\t/);
      }),
  );
}

requiringTest(
  "netns",
  missingNamespaces,
  "a welcome that is changed on the way, or without its announcement, and a login that is passed on let nobody in",
  () =>
    onTheWay(async ({ act, client }) => {
      await using ada = client("ada");
      await ada.waitFor("logged-in\tada");
      const refused: Readonly<Record<string, RegExp>> = {
        "change the welcome": /^error\t.*what came is not what the server sent/,
        "take out the announcement": /^error\t.*does not speak MIM\/2/,
        "pass a login on": /^error\t.*did not log eve in/,
      };
      for (const [what, error] of Object.entries(refused)) {
        await act(what);
        await using eve = client("eve", "send", "ada", "hello", "--timeout", "20");
        await eve.waitFor(error);
        assertEquals(await eve.exitCode(), 4);
      }
      await act("nothing");
      await ada.send("/who");
      await ada.waitFor("users\t1");
    }),
);
