import { assertEquals, assertRejects } from "@std/assert";
import { receiveCommand } from "../../../client/cli/receive_command.ts";
import { ClientError, Identity, Messenger, type Transfer } from "../../../client/core/mod.ts";
import { TestUser } from "../../../client/testing/test_user.ts";
import { parseAddress } from "../../../protocol/mod.ts";
import { openFiles } from "../../../client/storage/mod.ts";
import { inTime, poll } from "../../helpers/wait.ts";
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

/** Bob, who receives, and the chat in which ada offers him something; `checking` runs before he takes it. */
async function receiving(
  pair: FilePair,
  { once, downloads, checking }: {
    readonly once: boolean;
    readonly downloads?: string;
    readonly checking?: () => Promise<void>;
  },
) {
  const files = await openFiles(`${pair.folder}/bob`, { ...downloads && { downloads } });
  const check = files.checkFolder.bind(files);
  files.checkFolder = async (path) => {
    await checking?.();
    await check(path);
  };
  const bob = new TestUser({
    ...{ name: "bob", identity: Identity.generate(), files, network: pair.network.machine() },
    server: parseAddress(pair.network.address, 0),
  });
  const ended = receiveCommand(bob, { from: undefined, into: undefined, once });
  ended.catch(() => {}); // the test waits for it later
  const ada = await pair.user("ada");
  const chat = await ada.chats.call(await ada.users.find("bob", { timeoutMs: 60_000 }));
  return { bob, chat, ended, files };
}

for (const isNextThere of [true, false]) {
  const when = isNextThere ? "there already" : "to come";
  Deno.test(`receive: an offer that is withdrawn as it is taken is none, and the next is ${when}`, async () => {
    await using pair = new FilePair();
    const withdrawn = Promise.withResolvers<Transfer>();
    let checks = 0;
    const { bob, chat, ended, files } = await receiving(pair, {
      once: true,
      downloads: pair.downloads,
      checking: async () => {
        if (++checks > 1) return;
        if (isNextThere) await offered(bob, async () => chat.sendFile(await pair.file("next", 5)));
        const [first] = bob.files.all;
        await (await withdrawn.promise).cancel();
        await poll(() => first?.state === "failed", "bob to hear that it is withdrawn");
      },
    });
    using _ = files;
    const path = await pair.file("first", 5);
    withdrawn.resolve((await offered(bob, () => chat.sendFile(path))).given);
    const first = bob.files.all[0];
    await poll(() => first?.state === "failed", "the offer to end");
    if (!isNextThere) await chat.sendFile(await pair.file("next", 5));
    assertEquals(await inTime(ended, "the next offer to be taken"), 0);
    assertEquals(pair.received, ["next"]);
    await bob.quit();
  });
}

Deno.test("receive: it ends if an offer can't be taken for another reason", async () => {
  for (const once of [true, false]) {
    await using pair = new FilePair();
    const { bob, chat, ended, files } = await receiving(pair, { once });
    using _ = files;
    const failures: string[] = [];
    bob.addEventListener("error", ({ error }) => failures.push(error.code));
    const path = await pair.file("x", 5);
    await offered(bob, () => chat.sendFile(path));
    const error = await assertRejects(
      () => inTime(ended, "it to end"),
      ClientError<"transfer-failed">,
    );
    assertEquals([error.details.reason, failures], ["no-storage", []]);
    await bob.quit();
  }
});

Deno.test("receive: with --once, an offer that another program takes is none", async () => {
  await using pair = new FilePair();
  const { bob, chat, ended, files } = await receiving(pair, {
    once: true,
    downloads: pair.downloads,
  });
  using _ = files;
  const path = await pair.file("first", 5);
  using other = await openFiles(`${pair.folder}/bob`);
  const claim = files.claim.bind(files);
  let claimed: Promise<Disposable | undefined> | undefined;
  files.claim = async (id) => {
    claimed ??= other.claim(id);
    await claimed;
    return await claim(id);
  };
  await offered(bob, () => chat.sendFile(path));
  const [first] = bob.files.all;
  await poll(() => first?.state === "failed", "the first to be left to the other program");
  await chat.sendFile(await pair.file("next", 5));
  assertEquals(await inTime(ended, "the next offer to be taken"), 0);
  assertEquals([first?.reason, pair.received], ["taken", ["next"]]);
  (await claimed)?.[Symbol.dispose]();
  await bob.quit();
});
