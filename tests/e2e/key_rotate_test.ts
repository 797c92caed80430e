/** A user makes a new key, and a contact follows it: two homes, and a server that remembers. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { IdentityFile } from "../../client/storage/identity/identity_file.ts";
import {
  dataFolderIn,
  newHome,
  runToEndIn,
  startClientIn,
  startServer,
} from "../helpers/programs.ts";
import type { TestProcess } from "../helpers/process.ts";

async function loggedIn(home: string, server: string, name: string): Promise<TestProcess> {
  const client = startClientIn(home, name, "--server", server, "--name", name);
  await client.waitFor(`logged-in\t${name}`);
  return client;
}

Deno.test("key rotate: the name and the contacts go with the new key, twice, and messages arrive", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  const [adaHome, bobHome] = [newHome(), newHome()];
  await using bob = await loggedIn(bobHome, address, "bob");
  {
    await using ada = await loggedIn(adaHome, address, "ada");
    await ada.send("/msg bob hello");
    await bob.waitFor("message\tada\thello");
    await bob.send("/msg ada hello, too");
    await ada.waitFor("message\tbob\thello, too");
    await ada.send("/quit");
    assertEquals(await ada.exitCode(), 0);
  }
  const file = new IdentityFile(dataFolderIn(adaHome));
  const before = await file.read();
  for (let time = 0; time < 2; time++) {
    const { code, stdout } = await runToEndIn(adaHome, "client", "key", "rotate");
    assertEquals(code, 0);
    assertMatch(stdout, /The previous key is kept as \S+\nYour key is \S+ now, signed/);
    assertMatch(stdout, /Your contact learns of it once both of you are online/);
    const aside = /is kept as (\S+)/.exec(stdout)?.[1] ?? "";
    assert((await Deno.readTextFile(aside)).includes("private"));
  }
  assert(before?.toHex() !== (await file.read())?.toHex());
  assertEquals((await file.readRotations()).length, 2);
  await using ada = await loggedIn(adaHome, address, "ada");
  await bob.waitFor(/^note\tada has a new key, signed by the old one; compare safety numbers anew/);
  await ada.waitFor(/^note\tbob has taken note of your new key/);
  await bob.send("/msg ada still you?");
  await ada.waitFor("message\tbob\tstill you?");
  await ada.send("/msg bob still me");
  await bob.waitFor("message\tada\tstill me");
});

Deno.test("key rotate: without a key there is nothing to rotate", async () => {
  const { code, stderr } = await runToEndIn(newHome(), "client", "key", "rotate");
  assertEquals(code, 2);
  assertMatch(stderr, /There is no key at \S+identity.key yet/);
});
