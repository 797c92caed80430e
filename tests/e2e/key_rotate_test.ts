/** A user makes a new key, and a contact follows it: two homes, and a server that remembers. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { IdentityFile } from "../../client/storage/identity/identity_file.ts";
import {
  dataFolderIn,
  newHome,
  runArgs,
  runToEndIn,
  startClientIn,
  startServer,
} from "../helpers/programs.ts";
import { TestProcess } from "../helpers/process.ts";

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

Deno.test("key rotate: the ninth without a login is refused; after one, the name still goes along", async () => {
  const { process: server, address } = await startServer();
  await using _ = server;
  const [adaHome, bobHome] = [newHome(), newHome()];
  {
    await using bob = await loggedIn(bobHome, address, "bob");
    await using ada = await loggedIn(adaHome, address, "ada");
    await ada.send("/msg bob hello");
    await bob.waitFor("message\tada\thello");
  }
  const rotate = () => runToEndIn(adaHome, "client", "key", "rotate");
  for (let time = 0; time < 8; time++) assertEquals((await rotate()).code, 0);
  const file = new IdentityFile(dataFolderIn(adaHome));
  const key = await file.read();
  const files = () =>
    Array.from(Deno.readDirSync(dataFolderIn(adaHome)), ({ name }) => name).sort();
  const before = files();
  const ninth = await rotate();
  assertEquals(ninth.code, 2);
  assertMatch(ninth.stderr, /^mim: Your key has changed 8 times without a login.*log in first/);
  assertEquals([await file.read(), files()], [key, before]);
  {
    await using _ada = await loggedIn(adaHome, address, "ada");
  }
  const { code, stdout } = await rotate();
  assertEquals(code, 0);
  assertMatch(stdout, /They have missed more than 8 of your keys.*: bob\./);
  await using _ada = await loggedIn(adaHome, address, "ada");
});

Deno.test({
  name: "key rotate: on a full disk the key stays, and nothing is left",
  ignore: Deno.build.os !== "linux", // others have no limit on the size of files
  async fn() {
    const home = newHome();
    const file = new IdentityFile(dataFolderIn(home));
    const key = await file.readOrMake();
    const program = [Deno.execPath(), ...runArgs("client", home), "key", "rotate"];
    await using shell = new TestProcess({
      name: "client",
      command: "sh",
      args: ["-c", `trap "" XFSZ; ulimit -f 0; exec "$0" "$@"`, ...program],
    });
    await shell.waitForError(/^mim: Cannot write \S+identity\.\S+\.key: .*; your key is as it was/);
    assertEquals(await shell.exitCode(), 2);
    assertEquals(await file.read(), key);
    const left = Array.from(Deno.readDirSync(dataFolderIn(home)), ({ name }) => name);
    assertEquals(left.filter((name) => name.endsWith(".key")), ["identity.key"]);
  },
});

Deno.test("key rotate: without a key there is nothing to rotate", async () => {
  const { code, stderr } = await runToEndIn(newHome(), "client", "key", "rotate");
  assertEquals(code, 2);
  assertMatch(stderr, /There is no key at \S+identity.key yet/);
});
