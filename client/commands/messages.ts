import { displayName, limits, shorten } from "../../protocol/mod.ts";
import { type Context, describeMissing, type NumberedMessage } from "../app/mod.ts";
import type { Command } from "./command.ts";

/** How much of an earlier text is shown, in UTF-16 units. */
const MAX_SHOWN = 2_000;

const encoder = new TextEncoder();

export const MESSAGE_COMMANDS: readonly Command[] = [
  {
    name: "reply",
    args: "[N] TEXT",
    help: "answer a message, by default the newest of others; N counts back from the newest, 1, " +
      "as Tab and /history number them",
    example: "/reply 2 yes, at noon",
    run: async (context, args) => {
      const { message, rest } = await messageIn(context, args, ({ isOwn }) => !isOwn);
      if (rest === "") throw new SyntaxError("Expected a text: /reply [N] TEXT");
      noteMissing(context, "replies: it gets the text alone");
      await context.activeChat.answer(rest, message);
    },
  },
  {
    name: "edit",
    args: "[N] [TEXT]",
    help:
      "change a message of yours, by default the newest; without TEXT it comes back into the line",
    example: "/edit lunch at one?",
    run: async (context, args) => {
      const { message, rest } = await messageIn(context, args, ({ isOwn }) => isOwn);
      assertOwn(message);
      if (rest !== "") return void await message.edit(rest);
      const all = context.messages.list(context.activeChat.target, Infinity);
      const number = all.findIndex(({ id }) => id === message.id) + 1;
      if (!context.fillLine(`/edit ${number} ${message.text}`)) {
        throw new SyntaxError("Expected a text: /edit [N] TEXT");
      }
    },
  },
  {
    name: "delete",
    args: "[N]",
    help: "delete a message of yours, by default the newest, and ask the others to delete it, too",
    example: "/delete 1",
    run: async (context, args) => {
      const { message, rest } = await messageIn(context, args, ({ isOwn }) => isOwn);
      assertNothing(rest, "/delete [N]");
      assertOwn(message);
      await message.delete();
      context.note("The others are asked to delete it; whoever has read it may keep it");
    },
  },
  {
    name: "react",
    args: "[N] EMOJI",
    help: "react to a message, by default the newest of others; the same again takes it back",
    example: "/react 2 👍",
    run: async (context, args) => {
      const { message, rest: emoji } = await messageIn(context, args, ({ isOwn }) => !isOwn);
      const { length } = encoder.encode(emoji);
      if (emoji === "" || /\s/.test(emoji) || length > limits.emojiBytes) {
        throw new SyntaxError(`Expected an emoji: /react [N] EMOJI, got "${shorten(emoji, 40)}"`);
      }
      await message.react(emoji, !message.hasReacted(emoji));
    },
  },
  {
    name: "versions",
    args: "[N]",
    help:
      "show what a message said before it was edited or deleted, by default the newest such one",
    example: "/versions 2",
    run: async (context, args) => {
      const { message, rest } = await messageIn(
        context,
        args,
        (one) => one.earlierTexts().length > 0,
      );
      assertNothing(rest, "/versions [N]");
      const texts = message.earlierTexts();
      if (texts.length === 0) return context.note("That message was never edited or deleted");
      for (const [index, text] of texts.entries()) {
        context.note(`${index + 1}  ${shorten(text.replaceAll("\n", " "), MAX_SHOWN)}`);
      }
    },
  },
];

/**
 * The message that a line means by its number, else the newest that fits, and what stands behind it.
 *
 * @throws {SyntaxError} if there is none
 */
async function messageIn(
  { messages, activeChat }: Context,
  args: string,
  fits: (message: NumberedMessage) => boolean,
): Promise<{ readonly message: NumberedMessage; readonly rest: string }> {
  const { target } = activeChat;
  if (target?.type !== "chat" && target?.type !== "room") {
    throw new SyntaxError("No chat is open; /talk NAME starts one");
  }
  if (target.type === "chat" && target.chat.identity === undefined) {
    throw new SyntaxError(
      `${displayName(target.chat.name)} speaks classic MIM, in which messages can't be answered, ` +
        "changed, deleted or reacted to",
    );
  }
  await activeChat.sender.settled();
  if (target.type === "room") await messages.load(target.room);
  const all = messages.numbered(target);
  const [, digits, rest = ""] = /^(\d{1,4})(?:\s+([^]*))?$/.exec(args) ?? [];
  messages.release();
  if (digits === undefined) {
    const message = all.find((one) => !one.isDeleted && fits(one)) ?? all.find(fits);
    if (message !== undefined) return { message, rest: args };
    throw new SyntaxError("There is no such message here yet");
  }
  const message = all[Number(digits) - 1];
  if (message !== undefined) return { message, rest };
  const count = all.length === 0 ? "there are none" : `there are ${all.length}`;
  throw new SyntaxError(
    `Expected the number of a message, 1 is the newest, got ${digits}: ${count}`,
  );
}

function assertOwn({ isOwn, name }: NumberedMessage): void {
  if (!isOwn) {
    throw new SyntaxError(
      `That is a message of ${displayName(name)}'s; you can change your own alone`,
    );
  }
}

function assertNothing(rest: string, usage: string): void {
  if (rest !== "") throw new SyntaxError(`Expected ${usage}, got "${rest}"`);
}

/** Says that a peer's version can't take something, if that is known. */
function noteMissing(context: Context, what: string): void {
  const chat = context.activeChat.current;
  if (chat?.can("actions") === false) context.note(describeMissing(chat.name, what));
}
