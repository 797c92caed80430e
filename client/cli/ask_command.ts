import { assertConfirmed, EXIT } from "../app/mod.ts";
import {
  type Chat,
  ClientError,
  type Message,
  type Messenger,
  type OnlineUser,
  randomMessageId,
} from "../core/mod.ts";
import { callUser, DEFAULT_TIMEOUT_MS, findUser, logIn } from "./find_user.ts";

/** A question, and who may answer. */
export class Question {
  /** The chat in which it is asked. */
  chat: Chat | undefined;

  /** Whether a caller is the user who is asked: an answer may come in another call. */
  readonly isAsked = ({ identity }: Pick<Chat, "identity">): boolean =>
    identity !== undefined && identity.equals(this.chat?.identity);
}

/**
 * `ask`: sends a text to one user and waits for what that user says next. What waited there from before
 * comes first and is no answer.
 *
 * @param onEarlier gets what waited there
 * @throws {ClientError} `send-failed` if there is no answer in time, `chat-closed` if there will be none
 */
export async function askCommand(
  messenger: Messenger,
  question: Question,
  { to, text, seconds }: {
    readonly to: string;
    readonly text: string;
    readonly seconds: number | undefined;
  },
  onAnswer: (answer: Message) => void,
  onEarlier: (message: Message) => void,
): Promise<number> {
  const timeoutMs = seconds === undefined ? DEFAULT_TIMEOUT_MS : seconds * 1000;
  const end = performance.now() + timeoutMs;
  const timeLeft = () => Math.max(0, end - performance.now());
  await logIn(messenger, timeoutMs);
  const user = await findUser(messenger, to);
  assertConfirmed(to, user, messenger);
  const chat = question.chat = await callHearing(messenger, user, timeLeft(), onEarlier);
  const { name } = chat;
  const id = randomMessageId();
  const { promise: answer, resolve, reject } = Promise.withResolvers<Message>();
  let hasArrived = false;
  /** A message that came over one connection before the question was confirmed over another. */
  let early: Message | undefined;
  const arrive = () => {
    hasArrived = true;
    if (early !== undefined) resolve(early);
  };
  let askedAt = Infinity;
  const unsubscribe = messenger.subscribe((event) => {
    switch (event.type) {
      case "sent": // nothing says more in classic MIM
        if (chat.identity === undefined && event.message.id === id) arrive();
        return;
      case "delivered":
        if (event.message.id === id) arrive();
        return;
      case "message":
        if (event.chat !== chat && !question.isAsked(event.chat)) return;
        if (hasArrived) return resolve(event.message);
        if (event.message.time < askedAt || early !== undefined) return onEarlier(event.message);
        early = event.message;
        return;
      case "chat-closed": {
        if (event.chat !== chat || (event.by === "lost" && chat.identity !== undefined)) return;
        const message = `${name} closed the chat and gave no answer`;
        reject(new ClientError("chat-closed", { reason: "closed", name }, { message }));
      }
    }
  });
  const late = () => {
    const why = `no answer within ${timeoutMs / 1000} s`;
    const message = hasArrived
      ? `${name} has the question, and has not answered within ${timeoutMs / 1000} s`
      : `${name} has not said that the question arrived; given up`;
    reject(new ClientError("send-failed", { reason: "not-delivered", name, why }, { message }));
  };
  const timer = setTimeout(late, timeLeft());
  let asked: Message | undefined;
  try {
    askedAt = Date.now();
    asked = await chat.send(text, { id });
    onAnswer(await answer);
    return EXIT.done;
  } finally {
    clearTimeout(timer);
    unsubscribe();
    if (!hasArrived) await asked?.cancel();
  }
}

/** Calls a user, and hands over what waited there: it may come as soon as the chat is open. */
async function callHearing(
  messenger: Messenger,
  user: OnlineUser,
  timeoutMs: number,
  onMessage: (message: Message) => void,
): Promise<Chat> {
  const isOfUser = ({ identity, name }: Chat) =>
    identity === undefined ? name === user.name : identity.equals(user.details?.identity);
  const unsubscribe = messenger.subscribe((event) => {
    if (event.type === "message" && isOfUser(event.chat)) onMessage(event.message);
  });
  try {
    return await callUser(messenger, user, timeoutMs);
  } finally {
    unsubscribe();
  }
}
