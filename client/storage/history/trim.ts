import { addressBlock } from "../../../protocol/mod.ts";
import type { SharedFile } from "../../../server/platform/storage/shared_file.ts";
import { batchDelete, whenNotBusy } from "./batch_delete.ts";
import type { MessageSize, MessageTable } from "./message_table.ts";

/** How many messages are measured at once; that blocks for some 10 ms. */
const MEASURED_AT_ONCE = 5_000;

/** A sender that may take much: a block of addresses, and how many bytes of it are stored. */
type Strangers = Map<string, number>;

/**
 * Deletes messages of strangers until the file is small enough, first the oldest of those blocks of
 * addresses that take the most: however much somebody sends, everyone else's stay. What the user has sent
 * stays, and so do chats in which the user has written.
 *
 * @returns whether the file is small enough now
 * @throws {Error} if another client is in the way all the time
 */
export async function trimStrangers(
  file: SharedFile<MessageTable>,
  isOver: () => boolean,
  mostBytes: number,
): Promise<boolean> {
  for (;;) {
    if (file.isClosed || isOver()) return true;
    const excess = await whenNotBusy(() => file.do((table) => table.bytes())) - mostBytes;
    if (excess <= 0) return true;
    const isStranger = await strangerTest(file);
    const strangers: Strangers = new Map();
    let total = 0;
    await forEachSize(file, isOver, (size) => {
      total += size.bytes;
      if (isStranger(size)) add(strangers, blockOf(size), size.bytes);
    });
    // Beside its text a message takes room in the indexes.
    const share = total / (mostBytes + excess);
    const level = levelAt([...strangers.values()], Math.ceil(excess * share));
    if (await deleteAbove(file, isOver, isStranger, strangers, level) === 0) return false;
  }
}

/** Whether a message is one of a stranger: received, in no chat in which the user has written. */
async function strangerTest(
  file: SharedFile<MessageTable>,
): Promise<(size: MessageSize) => boolean> {
  const sent = await whenNotBusy(() => file.do((table) => table.recipients()));
  const names = new Set(sent.map(({ name }) => name));
  const places = new Set(sent.map((each) => `${blockOf(each)} ${each.name}`));
  // In classic MIM anybody can use a name: there it counts at the addresses written to.
  return (size) =>
    size.isReceived &&
    !(size.isMarked ? names.has(size.name) : places.has(`${blockOf(size)} ${size.name}`));
}

/** How much each may keep, so that so many bytes go: who has less loses nothing. */
function levelAt(sizes: readonly number[], excess: number): number {
  const descending = sizes.toSorted((one, other) => other - one);
  let sum = 0;
  for (const [index, size] of descending.entries()) {
    sum += size;
    const level = (sum - excess) / (index + 1);
    if (level >= (descending[index + 1] ?? 0)) return level;
  }
  return 0;
}

/** Deletes the oldest messages of each that has more than that; returns how many. */
async function deleteAbove(
  file: SharedFile<MessageTable>,
  isOver: () => boolean,
  isStranger: (size: MessageSize) => boolean,
  strangers: Strangers,
  level: number,
): Promise<number> {
  const ids: number[] = [];
  for (const [block, bytes] of strangers) if (bytes <= level) strangers.delete(block);
  await forEachSize(file, () => strangers.size === 0 || isOver(), (size) => {
    const block = blockOf(size);
    if (!strangers.has(block) || !isStranger(size)) return;
    ids.push(size.id);
    add(strangers, block, -size.bytes);
    if ((strangers.get(block) ?? 0) <= level) strangers.delete(block);
  });
  return await batchDelete(file, isOver, (table, most) => table.deleteIds(ids.splice(0, most)));
}

async function forEachSize(
  file: SharedFile<MessageTable>,
  isOver: () => boolean,
  take: (size: MessageSize) => void,
): Promise<void> {
  for (let last = 0; !file.isClosed && !isOver();) {
    const sizes = await whenNotBusy(() =>
      file.do((table) => table.sizesAfter(last, MEASURED_AT_ONCE))
    );
    sizes.forEach(take);
    const end = sizes.at(-1);
    if (end === undefined) return;
    last = end.id;
    await new Promise((resolve) => setTimeout(resolve)); // the program goes on in between
  }
}

function blockOf({ address }: { readonly address: string }): string {
  return addressBlock(address.replace(/:\d+$/, "").replace(/^\[|\]$/g, ""));
}

function add(sums: Strangers, key: string, bytes: number): void {
  sums.set(key, (sums.get(key) ?? 0) + bytes);
}
