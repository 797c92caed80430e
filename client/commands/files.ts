import { displayName, displayRoom, sanitizeText } from "../../protocol/mod.ts";
import { type Context, describeTransfer, splitPaths, userPath } from "../app/mod.ts";
import { formatSize, type Transfer } from "../core/mod.ts";
import type { Command } from "./command.ts";

export const FILE_COMMANDS: readonly Command[] = [
  {
    name: "sendfile",
    args: "PATH…",
    help: 'send files and folders to this chat or room; ~ is your home, "quotes" hold blanks',
    example: "/sendfile ~/photos/tree.jpg",
    run: async (context, args) => {
      const paths = splitPaths(args).map(userPath);
      if (paths.length === 0) throw new SyntaxError("Expected a path: /sendfile PATH…");
      const place = context.activeChat.room ?? context.activeChat.current;
      if (place === undefined) throw new SyntaxError("No chat is open; /talk NAME starts one");
      const transfer = await place.sendFile(paths);
      const count = transfer.files === 1 ? "" : `${transfer.files} files, `;
      context.note(`${transfer.number}  ${transfer.path}: ${count}${formatSize(transfer.size)}`);
    },
  },
  {
    name: "files",
    args: "",
    help: "list files that are offered, under way or over, numbered for /getfile",
    example: "/files",
    run: (context) => {
      const { all } = context.messenger.files;
      if (all.length === 0) context.note("No files yet; /sendfile PATH sends some");
      for (const transfer of all) context.note(lineOf(transfer));
    },
  },
  {
    name: "getfile",
    args: "N [DIR]",
    help: "take an offered file, or go on after a pause; N is its number in /files",
    example: "/getfile 1",
    run: async (context, args) => {
      const [number = "", ...rest] = args.split(/\s+(.*)/s).filter((part) => part !== "");
      const transfer = transferOf(context, number);
      const [into] = splitPaths(rest.join(" ")).map(userPath);
      if (transfer.state === "paused") {
        context.note(sanitizeText(`${transfer.path} goes on${whyPaused(transfer)}`));
        return transfer.resume();
      }
      if (transfer.direction === "outgoing") {
        throw new SyntaxError(`${transfer.path} is offered by you: there is nothing to get`);
      }
      const isTaken = transfer.state !== "offered";
      await transfer.accept({ into });
      if (isTaken) context.note(`Nothing to get: ${lineOf(transfer)}`);
    },
  },
  {
    name: "pausefile",
    args: "N",
    help: "stop a transfer for now; /getfile N goes on",
    example: "/pausefile 1",
    run: (context, args) => {
      const transfer = transferOf(context, args);
      const before = describeTransfer(transfer);
      transfer.pause();
      if (describeTransfer(transfer) === before) {
        return context.note(`Nothing to pause: ${lineOf(transfer)}`);
      }
      const { path, number } = transfer;
      context.note(
        sanitizeText(`${path}: ${describeTransfer(transfer)}; /getfile ${number} goes on`),
      );
    },
  },
  {
    name: "cancelfile",
    args: "N",
    help: "decline a file, withdraw your own, or end its transfer",
    example: "/cancelfile 1",
    run: (context, args) => transferOf(context, args).cancel(),
  },
];

function transferOf({ messenger }: Context, typed: string): Transfer {
  const { all } = messenger.files;
  const transfer = /^\d{1,6}$/.test(typed)
    ? all.find(({ number }) => number === Number(typed))
    : undefined;
  if (transfer !== undefined) return transfer;
  throw new SyntaxError(`Expected a number from /files, got "${typed}"`);
}

function whyPaused({ reason }: Transfer): string {
  return reason === "disk-full" ? ", if the disk has room now" : "";
}

function lineOf(transfer: Transfer): string {
  const { number, direction, name, path, files, size, location, room } = transfer;
  const way = direction === "incoming" ? "from" : "to";
  const who = room === undefined
    ? displayName(name)
    : direction === "outgoing"
    ? displayRoom(room.label)
    : `${displayName(name)} in ${displayRoom(room.label)}`;
  const count = files === 1 ? "" : `${files} files, `;
  const where = location === undefined ? "" : `: ${location}`;
  return sanitizeText(
    `${number}  ${way} ${who}: ${path} (${count}${formatSize(size)}), ${
      describeTransfer(transfer)
    }${where}`,
  );
}
