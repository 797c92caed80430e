import { assertEquals, assertRejects } from "@std/assert";
import { receiveCommand } from "../../../client/cli/receive_command.ts";
import { ClientError, Identity, Messenger } from "../../../client/core/mod.ts";
import { parseAddress } from "../../../protocol/mod.ts";
import { openFiles } from "../../../client/storage/mod.ts";
import { poll } from "../../helpers/wait.ts";
import { BreakingNetwork, FilePair, MIB, offered } from "../core/files/file_pair.ts";

Deno.test("receive: with --once, it ends once the rest of an interrupted file is there", async () => {
  await using pair = new FilePair();
  const identity = Identity.generate();
  const network = new BreakingNetwork(pair.network.machine(), [6e6, 0, 0, 0, 0, 0, 0, 0]);
  const { bob, chat } = await pair.call({ ada: { network }, bob: { identity } });
  const path = await pair.file("x", 12 * MIB);
  const { taken } = await offered(bob, () => chat.sendFile(path));
  await taken.accept();
  await poll(() => taken.bytes >= 4 * MIB && taken.state === "waiting", "the link to break");
  await bob.quit();
  using files = await openFiles(`${pair.folder}/bob`, { downloads: pair.downloads });
  const again = new Messenger({
    ...{ name: "bob", identity, files, network: pair.network.machine() },
    server: parseAddress(pair.network.address, 0),
  });
  try {
    const options = { from: "ada", into: undefined, once: true };
    assertEquals(await receiveCommand(again, options), 0);
  } finally {
    await again.quit();
  }
  assertEquals(await Deno.readFile(`${pair.downloads}/x`), await Deno.readFile(path));
});

Deno.test("receive: a folder that can't be written ends it, and the offer stays", async () => {
  for (const once of [true, false]) {
    await using pair = new FilePair();
    const identity = Identity.generate();
    const { bob, chat } = await pair.call({ bob: { identity } });
    const path = await pair.file("x", 5);
    const { given } = await offered(bob, () => chat.sendFile(path));
    await bob.quit();
    using files = await openFiles(`${pair.folder}/bob`, { downloads: pair.downloads });
    const again = new Messenger({
      ...{ name: "bob", identity, files, network: pair.network.machine() },
      server: parseAddress(pair.network.address, 0),
    });
    try {
      const options = { from: undefined, into: `${path}/below`, once };
      const error = await assertRejects(
        () => receiveCommand(again, options),
        ClientError<"transfer-failed">,
      );
      assertEquals([error.details.reason, given.state], ["unwritable", "offered"]);
      assertEquals([...again.files].map(({ state }) => state), ["offered"]);
    } finally {
      await again.quit();
    }
  }
});
