/** The field to write in: drafts, sending, typing, what is pasted or dropped. */

import { connectComposer, loadedMessages } from "./loaded_messages.js";
import { draftOf, dropDraft, keepDraft } from "./drafts.js";
import { focusPane } from "./show_chat.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./html.js";
import { say, send, state } from "./store.js";
import { rich, t } from "./text.js";

/** @import { ChatHead } from "../messages.ts" */

/** How long after the last key the user counts as no longer typing. */
const TYPING_TIMEOUT_MS = 4000;
/** The longest text that the program accepts, in UTF-16 units. */
const MAX_TEXT_LENGTH = 250_000;

/** @type {Set<number>} the chats in which the user types */
const typing = new Set();
/** @type {Map<number, ReturnType<typeof setTimeout>>} */
const typingTimers = new Map();
/** The texts that are sent as soon as the program answers again. @type {Map<number, () => void>} */
const pending = new Map();

/** Sends what was submitted while the program could not be reached. */
export function submitPending() {
  for (const submit of [...pending.values()]) submit();
  pending.clear();
}

/** A file was dropped or pasted: the page stays, and says why nothing happens. @param {DataTransfer | null} data @param {Event} event */
export function answerFiles(data, event) {
  if (data === null || !data.types.includes("Files")) return;
  event.preventDefault();
  if (event.type !== "dragover") say({ text: [t("noFiles")] });
}

/** @param {{ head: ChatHead }} props */
export function Composer({ head }) {
  const { id, name, security } = head;
  /** @type {{ current: HTMLTextAreaElement | null }} */
  const field = useRef(null);
  const [text, setText] = useState(() => draftOf(id) || head.draft);
  const [hint, setHint] = useState("");
  const isClosed = head.state === "closed";
  const isCalling = head.state === "calling";
  const [waitsForCall, setWaitsForCall] = useState(false);
  const canSend = text.trim() !== "" && !isClosed;

  const setValue = (/** @type {string} */ value) => {
    setText(value);
    keepDraft(id, value);
    setTyping(id, value !== "");
  };
  const submit = () => {
    const value = field.current?.value ?? "";
    if (value.trim() === "" || isClosed) return;
    if (isCalling) return setWaitsForCall(true);
    if (value.length > MAX_TEXT_LENGTH) {
      return setHint(t("tooLong", { limit: MAX_TEXT_LENGTH, length: value.length }));
    }
    if (state.isLost) {
      pending.set(id, () => submitRef.current());
      return setHint(t("waitsForMim"));
    }
    send({ type: "send", chat: id, text: value, requestId: crypto.randomUUID(), reply: 0 });
    setHint("");
    setValue("");
    dropDraft(id);
  };
  const submitRef = useRef(submit);
  submitRef.current = submit;
  useEffect(() => {
    connectComposer(id, (quoted) => {
      setValue(quoted + (field.current?.value ?? ""));
      field.current?.focus();
    });
    return () => connectComposer(id, undefined);
  }, [id]);
  useEffect(() => {
    if (isCalling || !waitsForCall) return;
    setWaitsForCall(false);
    submit();
  }, [isCalling]);
  // The keyboard was in the field, which is disabled now: it goes on to Call again.
  useLayoutEffect(() => {
    if (isClosed && document.activeElement === field.current) focusPane(id);
  }, [isClosed]);
  useEffect(() => fit(field.current), [text, field.current?.clientWidth]);

  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowUp" && text === "") {
      const last = loadedMessages(id)?.lastOwnText;
      if (last === undefined) return;
      event.preventDefault();
      return setValue(last);
    }
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    submit();
  };
  return html`
    <p class="hint" role="status" hidden=${hint === ""}>${hint}</p>
    <form class="write" onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      submit();
    }}>
      <textarea
        ref=${field}
        rows="1"
        dir="auto"
        value=${text}
        disabled=${isClosed}
        placeholder=${t(security === "classic" ? "notEncryptedHint" : "messageTo", { name })}
        aria-label=${t("messageTo", { name })}
        onInput=${(/** @type {InputEvent} */ event) =>
          setValue(/** @type {HTMLTextAreaElement} */ (event.target).value)}
        onKeyDown=${onKey}
        onPaste=${(/** @type {ClipboardEvent} */ event) => answerFiles(event.clipboardData, event)}
      />
      <button class="strong" disabled=${!canSend}>${t("send")}</button>
    </form>
  `;
}

/** Makes the field as high as its text, up to a limit of the stylesheet. @param {HTMLTextAreaElement | null} field */
function fit(field) {
  if (field === null) return;
  field.style.height = "auto";
  if (field.scrollHeight > 0) field.style.height = `${field.scrollHeight + 2}px`;
}

/** @param {number} chat @param {boolean} isTyping */
function setTyping(chat, isTyping) {
  clearTimeout(typingTimers.get(chat));
  if (isTyping) typingTimers.set(chat, setTimeout(() => setTyping(chat, false), TYPING_TIMEOUT_MS));
  if (typing.has(chat) === isTyping) return;
  if (isTyping) typing.add(chat);
  else typing.delete(chat);
  send({ type: "set-typing", chat, typing: isTyping });
}

/** Who is typing. @param {{ head: ChatHead }} props */
export function Typing({ head }) {
  return html`<p class="typing">${head.typing ? rich("typing", { name: head.name }) : ""}</p>`;
}
