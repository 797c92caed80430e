import { assertEquals } from "@std/assert";
import { takeFiles } from "../../../client/app/take_files.ts";
import {
  ClientError,
  type Messenger,
  type MessengerEvent,
  type Transfer,
} from "../../../client/core/mod.ts";
import { transferNamed } from "../../fixtures/events.ts";
import { PublicKey } from "../../../client/core/mod.ts";

const KEY = new PublicKey(new Uint8Array(32).fill(7));

/** A user with these contacts, and a function that has the messenger emit an event. */
function userWith(contacts: readonly PublicKey[], all: readonly Transfer[]) {
  let tell: (event: MessengerEvent) => unknown = () => {};
  const messenger = {
    subscribe: (listener: typeof tell) => {
      tell = listener;
      return () => {};
    },
    trust: { contacts: contacts.map((identity) => ({ identity })) },
    files: { all },
    chats: { all: [] },
  } as unknown as Messenger;
  return { messenger, tell: (event: MessengerEvent) => tell(event) };
}

/** Offers files of so many bytes to a user with these contacts; returns which were taken. */
function taken(contacts: readonly PublicKey[], sizes: readonly number[], limit: number | false) {
  const all: Transfer[] = [];
  const { messenger, tell } = userWith(contacts, all);
  takeFiles(messenger, () => limit, () => {});
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

Deno.test("autofiles: an offer that stays and can't be taken is reported, one that is withdrawn is not", async () => {
  for (const reason of ["withdrawn", "unwritable"] as const) {
    const { messenger, tell } = userWith([KEY], []);
    const reported: ClientError[] = [];
    takeFiles(messenger, () => 1, (error) => reported.push(error));
    const error = new ClientError("transfer-failed", { name: "bob", reason });
    const accept = () => Promise.reject(error);
    const state = reason === "withdrawn" ? "failed" : "offered";
    await tell({
      type: "file-offered",
      transfer: transferNamed("bob", { identity: KEY, state, accept }),
    });
    assertEquals(reported, reason === "withdrawn" ? [] : [error]);
  }
});
