import { assertEquals } from "@std/assert";
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
