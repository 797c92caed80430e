import { displayName, shorten } from "../../protocol/mod.ts";
import { describeWaiting, formatTime } from "../app/mod.ts";
import type { Command } from "./command.ts";

/** How much of a message is shown, in UTF-16 units. */
const MAX_SHOWN = 60;

export const OUTBOX_COMMANDS: readonly Command[] = [
  {
    name: "outbox",
    args: "",
    help: "list the messages that wait to be delivered, numbered for /cancel",
    example: "/outbox",
    run: (context) => {
      const { outbox } = context.messenger;
      context.listedOutbox = outbox;
      for (const [index, message] of outbox.entries()) {
        const { name, time } = message;
        const line = describeWaiting(message).replaceAll("\n", " ");
        context.note(
          `${index + 1}  ${formatTime(time)} to ${displayName(name)}: ${shorten(line, MAX_SHOWN)}`,
        );
      }
      context.note(
        outbox.length === 0
          ? "The outbox is empty: everything that you wrote was delivered"
          : "Each is sent automatically when its recipient can be reached; /cancel N cancels one",
      );
    },
  },
  {
    name: "cancel",
    args: "N",
    help: "cancel a message in the outbox; N is a number from the last /outbox",
    example: "/cancel 1",
    run: async (context, args) => {
      const message = /^\d{1,6}$/.test(args) ? context.listedOutbox[Number(args) - 1] : undefined;
      if (message === undefined) {
        throw new SyntaxError(`Expected a number from the last /outbox, got "${args}"`);
      }
      if (await message.cancel()) return; // an event says that it failed
      throw new SyntaxError("That message is no longer waiting: it was delivered");
    },
  },
];
