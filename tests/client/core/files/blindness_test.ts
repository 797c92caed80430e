import { assert } from "@std/assert";
import { RecordingNetwork } from "../../../helpers/faults.ts";
import { FilePair, offered } from "./file_pair.ts";

const CANARY = "canary-92b1c7";

Deno.test("blindness: a file, its name and its folder are in no byte on the network", async () => {
  await using pair = new FilePair();
  const recording = new RecordingNetwork(pair.network.machine());
  const { bob, chat } = await pair.call({ ada: { network: recording.network } });
  const path = await pair.file(`${CANARY}/${CANARY}.txt`, 0);
  const content = `${CANARY} `.repeat(20_000);
  await Deno.writeTextFile(path, content);
  const { taken, given } = await offered(
    bob,
    () => chat.sendFile(`${pair.folder}/sources/${CANARY}`),
  );
  await taken.accept();
  await Promise.all([taken.done, given.done]);
  assert(recording.size > content.length);
  const utf16 = Uint8Array.from(CANARY, (letter) => letter.charCodeAt(0));
  const wide = Uint8Array.from([...utf16].flatMap((unit) => [0, unit]));
  for (const bytes of [new TextEncoder().encode(CANARY), wide]) {
    assert(!recording.has(bytes), "somebody on the wire has seen it");
  }
});
