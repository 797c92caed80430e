/** A history goes with a key, if nothing confirms that the key goes with the name. */

import { assertEquals } from "@std/assert";
import { MessageArchive } from "../../../client/app/mod.ts";
import { type Incoming, MemoryStore } from "../../../client/core/mod.ts";
import { Profile } from "../../../client/storage/profile.ts";
import { WindowState } from "../../../client/window/state/mod.ts";
import { testKey } from "../../fixtures/keys.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { Mim2Peer, Wire } from "../../helpers/peers.ts";
import { TableServer } from "../../helpers/table_server.ts";
import { poll } from "../../helpers/wait.ts";
import { Screen } from "./screen.ts";

/** A store that keeps messages in the history first, as the stored one does. */
class KeepingStore extends MemoryStore {
  keep: (message: Incoming) => void = () => {};
  override receive(message: Incoming): Promise<"inserted" | "duplicate"> {
    this.keep(message);
    return super.receive(message);
  }
}

/** Ada, who has talked to another bob before, and a bob of whom she knows nothing. */
async function accepted(
  test: (
    people: {
      screen: Screen;
      archive: MessageArchive;
      window: WindowState;
      tag: string;
      peer: Mim2Peer;
    },
  ) => Promise<void>,
): Promise<void> {
  using folder = new TempFolder();
  await using server = new TableServer();
  const store = new KeepingStore();
  const ada = await server.user("ada", { store });
  const archive = new MessageArchive(await Profile.read(folder.path), () => {});
  await archive.open();
  archive.threadNames.messenger = ada;
  store.keep = (message) => void archive.keepIncoming(message, server.at);
  const before = { name: "bob", address: "198.18.7.7", port: 1 };
  archive.keepFailed(before, "for the other bob alone", server.at);
  await poll(() => archive.last("bob", 9).length === 1, "the history");
  const screen = new Screen(ada);
  screen.context.archive = archive;
  const window = new WindowState(ada, archive);
  window.conversations.loadThreads();
  using wire = await Wire.dial(server.network.host("198.18.9.9"), ada.address, ada.port);
  const peer = await Mim2Peer.call(wire, { name: "bob", key: testKey(9) });
  const { caller } = await ada.saw("incoming-call");
  screen.clear();
  await caller.accept();
  await peer.text("hello", 1);
  await ada.saw("message", { text: "hello" });
  await screen.type("/msg bob hi");
  await test({ screen, archive, window, tag: caller.identity?.tag ?? "", peer });
  window.close();
  await archive.close();
}

Deno.test("history: an unconfirmed bob who was accepted shares none with the name", () =>
  accepted(async ({ screen, archive, window, tag }) => {
    assertEquals(screen.all.filter(({ text }) => /other bob/.test(`${text}`)), []);
    await poll(() => archive.last(`bob~${tag}`, 9).length === 2, "what was said");
    assertEquals(archive.last("bob", 9).map(({ text }) => text), ["for the other bob alone"]);
    assertEquals(archive.last(`bob~${tag}`, 9).map(({ text }) => text), ["hello", "hi"]);
    const [theirs, other] = window.conversations.all.toReversed();
    assertEquals(theirs?.newest.messages.map(({ text }) => text), ["hello", "hi"]);
    assertEquals(other?.newest.messages.map(({ text }) => text), ["for the other bob alone"]);
    screen.clear();
    await screen.type("/history");
    assertEquals(screen.told().filter((text) => text.includes("other bob")), []);
  }));

Deno.test("history: what an unconfirmed bob has said can be forgotten by the name", () =>
  accepted(async ({ screen, archive, tag }) => {
    await poll(() => archive.last(`bob~${tag}`, 9).length === 2, "what was said");
    await screen.type("/forget bob");
    assertEquals([archive.last("bob", 9), archive.last(`bob~${tag}`, 9)], [[], []]);
  }));
