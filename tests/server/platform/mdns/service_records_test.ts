import { assert, assertEquals } from "@std/assert";
import {
  instanceName,
  readServiceText,
  SERVICE,
  serviceRecords,
} from "../../../../server/platform/mdns/service_records.ts";

const KEY = new Uint8Array(32).fill(0xfb);

Deno.test("announcement: title, key and whether a client hosts it come back", () => {
  for (const [key, isHosted] of [[KEY, false], [undefined, true]] as const) {
    const records = serviceRecords({ title: "a.b = c", key, port: 4242, isHosted }, "i", "h");
    const text = records.find((record) => record.type === "TXT");
    assert(text?.type === "TXT");
    assertEquals(readServiceText(text.data), { title: "a.b = c", key, isHosted });
  }
});

Deno.test("announcement: a long title is cut between characters, in name and text", () => {
  for (const title of ["🚀".repeat(100), "x".repeat(300), "é".repeat(200), "", " . "]) {
    for (const count of [1, 2, 100]) {
      const label = instanceName(title, count).slice(0, -SERVICE.length - 1);
      const { length } = new TextEncoder().encode(label);
      assert(length > 0 && length <= 63 && label.isWellFormed() && !label.includes("."), label);
    }
    const [, , text] = serviceRecords({ title, key: KEY, port: 1 }, "i", "h");
    assert(text?.type === "TXT");
    assert(text.data.every((each) => new TextEncoder().encode(String(each)).length <= 255));
  }
});

Deno.test("announcement: whatever is not understood in the text is left out", () => {
  const text = ["", "=", "x", "k=short", "t=one", "t=two", new Uint8Array([0x6b, 0x3d, 0xff])];
  assertEquals(readServiceText(text), { title: "one", key: undefined, isHosted: false });
  assertEquals(readServiceText([]), { title: "", key: undefined, isHosted: false });
});
