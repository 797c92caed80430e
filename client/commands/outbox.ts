import { formatTime } from "../app/mod.ts";
import type { Command } from "./command.ts";

/** So much of a message is shown, in UTF-16 units. */
const MAX_SHOWN = 60;

/** What has not arrived yet. */
export const OUTBOX_COMMANDS: readonly Command[] = [
  {
    name: "outbox",
    args: "",
    help: "list what waits until its recipient can be reached, numbered for /cancel",
    example: "/outbox",
    run: (context) => {
      const { outbox } = context.messenger;
      context.listedOutbox = outbox;
      for (const [index, { name, text, at }] of outbox.entries()) {
        const line = text.replaceAll("\n", " ");
        const shown = line.length <= MAX_SHOWN ? line : `${line.slice(0, MAX_SHOWN - 1)}…`;
        context.note(`${index + 1}  ${formatTime(at)} to ${name}: ${shown}`);
      }
      context.note(
        outbox.length === 0
          ? "nothing waits: all that you wrote has arrived"
          : "each goes out by itself once that key can be reached; /cancel N gives one up",
      );
    },
  },
  {
    name: "cancel",
    args: "N",
    help: "give up a message of the outbox; N is a number of the last /outbox",
    example: "/cancel 1",
    run: (context, args) => {
      const message = /^\d{1,6}$/.test(args) ? context.listedOutbox[Number(args) - 1] : undefined;
      if (message === undefined) {
        throw new SyntaxError(`expected a number of the last /outbox, got "${args}"`);
      }
      if (message.cancel()) return; // that it failed is told
      throw new SyntaxError("that message waits no more: it has arrived");
    },
  },
];
