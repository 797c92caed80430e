/** Copies of streams that are offered, and what programs leave that are killed. */

import { assertEquals } from "@std/assert";
import { openFiles } from "../../../../client/storage/mod.ts";
import { TempFolder } from "../../../helpers/disk.ts";

const streamOf = (text: string) => new Blob([text]).stream();

Deno.test("spool: at the start goes what a killed program has left, and nothing that is needed", async () => {
  using folder = new TempFolder();
  const outgoing = `${folder.path}/outgoing`;
  const names = () => [...Deno.readDirSync(outgoing)].map(({ name }) => name).sort();
  {
    using earlier = await openFiles(folder.path);
    const offered = await earlier.spool("a", streamOf("kept"), 4);
    await earlier.keepTransfer({
      ...{ id: "01", direction: "outgoing", name: "ada", time: 1, state: "offered" },
      ...{ identity: new Uint8Array(32), offer: new Uint8Array(1), sources: [offered] },
    });
  }
  const [kept = ""] = names();
  using running = await openFiles(folder.path);
  const mine = await running.spool("b", streamOf("mine"), 4);
  await Deno.writeTextFile(`${outgoing}/orphan`, "part");
  await Deno.writeTextFile(`${outgoing}/gone.claim`, "");
  using next = await openFiles(folder.path);
  await next.transfers();
  assertEquals(
    names().filter((name) => !name.endsWith(".claim")),
    [
      kept,
      mine.location.slice(outgoing.length + 1),
    ].sort(),
  );
  await running.unspool(mine);
  assertEquals(names(), [kept]);
});

Deno.test("spool: without a list of transfers, too", async () => {
  using folder = new TempFolder();
  await Deno.mkdir(`${folder.path}/outgoing`);
  await Deno.writeTextFile(`${folder.path}/outgoing/orphan`, "part");
  using files = await openFiles(folder.path);
  assertEquals(await files.transfers(), []);
  assertEquals([...Deno.readDirSync(`${folder.path}/outgoing`)], []);
});
