import { displayName } from "../../protocol/mod.ts";
import { assertConfirmed, EXIT } from "../app/mod.ts";
import {
  type Chat,
  ClientError,
  type Message,
  type Messenger,
  randomMessageId,
} from "../core/mod.ts";
import { callUser, DEFAULT_TIMEOUT_MS, findUser, logIn } from "./find_user.ts";

/**
 * How long a message that seems to be older than the question waits for a newer one: it may have waited and
 * come over another connection, or the clock there is behind.
 */
const DOUBT_MS = 1_000;

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
  const isOfUser = ({ identity, name }: Chat) =>
    identity === undefined ? name === user.name : identity.equals(user.details?.identity);
  const id = randomMessageId();
  const { promise: answer, resolve, reject } = Promise.withResolvers<Message>();
  answer.catch(() => {}); // the chat may be closed while the question is being sent
  let hasArrived = false;
  /** A message that came over one connection before the question was confirmed over another. */
  let early: Message | undefined;
  /** A message that came behind the question, and was written before by the clock there. */
  let doubtful: Message | undefined;
  let doubtTimer: ReturnType<typeof setTimeout> | undefined;
  const doubt = (message: Message) => {
    if (doubtful !== undefined) onEarlier(doubtful);
    doubtful = message;
    clearTimeout(doubtTimer);
    doubtTimer = setTimeout(() => resolve(message), DOUBT_MS);
  };
  const arrive = () => {
    hasArrived = true;
    if (early !== undefined) resolve(early);
  };
  let askedAt = Infinity;
  // From before the call on, without a gap: what waited there may come as soon as the chat is open.
  const unsubscribe = messenger.subscribe((event) => {
    switch (event.type) {
      case "sent": // nothing says more in classic MIM
        if (question.chat?.identity === undefined && event.message.id === id) arrive();
        return;
      case "delivered":
        if (event.message.id === id) arrive();
        return;
      case "message":
        if (question.chat === undefined) {
          if (isOfUser(event.chat)) onEarlier(event.message);
          return;
        }
        if (event.chat !== question.chat && !question.isAsked(event.chat)) return;
        if (hasArrived && event.message.time < askedAt) return doubt(event.message);
        if (hasArrived) {
          if (doubtful !== undefined) onEarlier(doubtful);
          return resolve(event.message);
        }
        if (event.message.time < askedAt || early !== undefined) return onEarlier(event.message);
        early = event.message;
        return;
      case "chat-closed": {
        const { chat, by } = event;
        if (chat !== question.chat || (by === "lost" && chat.identity !== undefined)) return;
        if (doubtful !== undefined) return resolve(doubtful); // no newer one comes
        const { name } = chat;
        const message = `${displayName(name)} closed the chat and gave no answer`;
        reject(new ClientError("chat-closed", { reason: "closed", name }, { message }));
      }
    }
  });
  const late = () => {
    if (doubtful !== undefined) return resolve(doubtful);
    const name = question.chat?.name ?? user.name;
    const why = `no answer within ${timeoutMs / 1000} s`;
    const message = hasArrived
      ? `${displayName(name)} has the question, and has not answered within ${timeoutMs / 1000} s`
      : `${displayName(name)} has not said that the question arrived; given up`;
    reject(new ClientError("send-failed", { reason: "not-delivered", name, why }, { message }));
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked: Message | undefined;
  try {
    const chat = question.chat = await callUser(messenger, user, timeLeft());
    timer = setTimeout(late, timeLeft());
    askedAt = Date.now();
    asked = await chat.send(text, { id });
    onAnswer(await answer);
    return EXIT.done;
  } finally {
    clearTimeout(timer);
    clearTimeout(doubtTimer);
    unsubscribe();
    if (!hasArrived && early !== undefined) onEarlier(early);
    if (!hasArrived) await asked?.cancel();
  }
}
