import { assertEquals } from "@std/assert";
import { takeFiles } from "../../../client/app/take_files.ts";
import type { Messenger, MessengerEvent, Transfer } from "../../../client/core/mod.ts";
import { transferNamed } from "../../fixtures/events.ts";
import { PublicKey } from "../../../client/core/mod.ts";

const KEY = new PublicKey(new Uint8Array(32).fill(7));

/** Offers files of so many bytes to a user with these contacts; returns which were taken. */
function taken(contacts: readonly PublicKey[], sizes: readonly number[], limit: number | false) {
  let tell: (event: MessengerEvent) => unknown = () => {};
  const all: Transfer[] = [];
  const messenger = {
    subscribe: (listener: typeof tell) => {
      tell = listener;
      return () => {};
    },
    trust: { contacts: contacts.map((identity) => ({ identity })) },
    files: { all },
    chats: { all: [] },
  } as unknown as Messenger;
  takeFiles(messenger, () => limit);
  return sizes.map((size) => {
    let state: Transfer["state"] = "offered";
    const accept = () => {
      state = "waiting";
      return Promise.resolve();
    };
    const transfer = transferNamed("bob", { identity: KEY, size, accept });
    Object.defineProperty(transfer, "state", { get: () => state });
    all.push(transfer);
    tell({ type: "file-offered", transfer });
    return transfer.state === "waiting";
  });
}

Deno.test("autofiles: files of contacts alone are taken, up to the size", () => {
  assertEquals(taken([KEY], [1_000_000, 1_000_001], 1), [true, false]);
  assertEquals(taken([KEY], [1], false), [false]);
  assertEquals(taken([], [1], 1), [false]);
  assertEquals(taken([new PublicKey(new Uint8Array(32))], [1], 1), [false]);
});

Deno.test("autofiles: one person has ten files under way at most", () => {
  const sizes = Array.from({ length: 12 }, () => 900_000);
  assertEquals(taken([KEY], sizes, 1).filter((isTaken) => isTaken).length, 10);
});
