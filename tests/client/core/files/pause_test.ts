import { assertEquals } from "@std/assert";
import { FileTransfer } from "../../../../client/core/files/file_transfer.ts";
import { poll } from "../../../helpers/wait.ts";
import { FilePair, MIB, offered } from "./file_pair.ts";

Deno.test("files: a taker goes on by itself once a giver who has paused resumes", async () => {
  for (const when of ["before it is taken", "half way"]) {
    await using pair = new FilePair();
    const { bob, chat } = await pair.call();
    const path = await pair.file("x", 20 * MIB);
    const { taken, given } = await offered(bob, () => chat.sendFile(path));
    if (when === "half way") {
      await taken.accept();
      await poll(() => taken.bytes > 0, "bytes to come");
    }
    let changes = 0;
    taken.addEventListener("change", () => changes++);
    given.pause();
    assertEquals(given.state, "paused", when);
    if (when === "half way") await poll(() => taken.state === "waiting", "the taker to notice");
    else {
      await taken.accept();
      await poll(() => changes === 2, "the giver's answer");
    }
    assertEquals([taken.state, taken.place, given.state], ["waiting", undefined, "paused"]);
    given.resume();
    await Promise.all([taken.done, given.done]);
    assertEquals(await Deno.readFile(taken.location ?? ""), await Deno.readFile(path));
  }
});

Deno.test("files: nobody hears of progress once a transfer is over", () => {
  for (const state of ["failed", "done", "active"] as const) {
    let reports = 0;
    const nothing = () => Promise.resolve();
    const transfer = new FileTransfer({
      ...{ id: "00", number: 1, direction: "incoming", name: "ada", time: 0, state: "waiting" },
      identity: new Uint8Array(32),
    }, {
      ...{ accept: nothing, cancel: nothing, resume: () => {}, changed: () => {} },
      stream: () => new ReadableStream(),
      progressed: () => reports++,
    });
    transfer.become(state);
    transfer.advance(5);
    assertEquals(reports, state === "active" ? 1 : 0, state);
  }
});
