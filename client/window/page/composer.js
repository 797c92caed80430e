/** The field to write in: drafts, sending, typing, what is pasted or dropped. */

import { connectComposer, loadedMessages } from "./loaded_messages.js";
import { draftOf, dropDraft, isChangedHere, keepDraft, MAX_TEXT_LENGTH } from "./drafts.js";
import { focusPane } from "./focus_pane.js";
import { composeAnew, edit, lastEditable } from "./message_actions.js";
import { answerFiles } from "./answer_files.js";
import { attachFiles, Attachments, sendFiles } from "./files.js";
import { submitLater } from "./submit_later.js";
import { html, icon, ICONS, useEffect, useLayoutEffect, useRef, useState } from "./html.js";
import { openMenu, send, state } from "./store.js";
import { isolate, rich, t } from "./text.js";

/** @import { ChatHead } from "../messages.ts" */

/** How long after the last key the user counts as no longer typing. */
const TYPING_TIMEOUT_MS = 4000;

/** @type {Set<number>} the chats in which the user types */
const typing = new Set();
/** @type {Map<number, ReturnType<typeof setTimeout>>} */
const typingTimers = new Map();

/** @param {{ head: ChatHead }} props */
export function Composer({ head }) {
  const { id, name, security } = head;
  /** @type {{ current: HTMLTextAreaElement | null }} */
  const field = useRef(null);
  const [text, setText] = useState(() => draftOf(head));
  const [hint, setHint] = useState("");
  const isClosed = head.state === "closed";
  const isCalling = head.state === "calling";
  const [waitsForCall, setWaitsForCall] = useState(false);
  const attachments = state.attachments.get(id) ?? [];
  const canSend = (text.trim() !== "" || attachments.length > 0) && !isClosed;
  const composing = state.composing.get(id);
  const edited = composing?.type === "edit" ? composing.row : undefined;
  const draft = useRef("");

  const setValue = (/** @type {string} */ value) => {
    setText(value);
    if (edited === undefined) keepDraft(id, value);
    setTyping(id, value !== "");
  };
  // While a message is edited, the draft waits.
  useLayoutEffect(() => {
    if (edited === undefined) return;
    draft.current = field.current?.value ?? "";
    setText(composing?.text ?? edited.text);
    return () => setText(draft.current);
  }, [edited?.id]);
  // Another page has changed the draft, or sent it.
  useLayoutEffect(() => {
    if (isChangedHere(id)) return;
    if (edited === undefined) setText(head.draft);
    else draft.current = head.draft;
  }, [head.draft]);
  // A text was refused: it is back, with the reason.
  const refusal = state.refusals.get(id);
  useLayoutEffect(() => {
    if (refusal === undefined) return;
    state.refusals.delete(id);
    setHint(refusal);
    if (edited === undefined) setText(draftOf(head));
    else draft.current = draftOf(head);
  }, [refusal]);
  const submit = () => {
    const value = field.current?.value ?? "";
    if (isClosed || (value.trim() === "" && attachments.length === 0)) return;
    if (state.isLost) {
      submitLater(id, () => submitRef.current());
      return setHint(t("waitsForMim"));
    }
    if (isCalling) return setWaitsForCall(true);
    if (attachments.length > 0 && edited === undefined) sendFiles(id);
    if (value.trim() === "") return setHint("");
    if (value.length > MAX_TEXT_LENGTH) {
      return setHint(t("tooLong", { limit: MAX_TEXT_LENGTH, length: value.length }));
    }
    setHint("");
    if (edited !== undefined) {
      if (value !== edited.text) send({ type: "edit", chat: id, message: edited.id, text: value });
      return composeAnew(id);
    }
    const reply = composing?.row.id ?? 0;
    send({ type: "send", chat: id, text: value, requestId: crypto.randomUUID(), reply });
    if (reply !== 0) composeAnew(id);
    setValue("");
    dropDraft(id);
  };
  const submitRef = useRef(submit);
  submitRef.current = submit;
  const setValueRef = useRef(setValue);
  setValueRef.current = setValue;
  useEffect(() => {
    connectComposer(id, (text, isAtCaret) => {
      const element = field.current;
      if (element === null || element.disabled) return;
      element.focus();
      const [start, end] = isAtCaret ? [element.selectionStart, element.selectionEnd] : [0, 0];
      element.setRangeText(text, start, end, isAtCaret ? "end" : "preserve");
      setValueRef.current(element.value);
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
      const list = loadedMessages(id);
      const last = lastEditable(id, list?.messages ?? []);
      const lastText = list?.lastOwnText;
      if (last !== undefined) edit(id, last);
      else if (lastText !== undefined) setValue(lastText);
      else return;
      return event.preventDefault();
    }
    if (event.key === "Escape" && composing !== undefined) {
      composeAnew(id);
      event.stopPropagation();
      return event.preventDefault();
    }
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    submit();
  };
  const chooseEmoji = (/** @type {MouseEvent} */ event) => {
    const button = /** @type {HTMLElement} */ (event.currentTarget);
    const { left, top } = button.getBoundingClientRect();
    openMenu({ type: "emoji", chat: id }, left, top, field.current);
  };
  return html`
    <${ComposingStrip} head=${head} />
    <p class="hint" role="status" hidden=${hint === ""}>${hint}</p>
    <${Attachments} chat=${id} />
    <form class="write" onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      submit();
    }}>
      ${head.actions === "never" || head.name === "#lobby" ? null : html`
        <label class="attach" title=${t("attach")}>
          ${icon(ICONS.clip)}
          <input type="file" multiple class="unseen" aria-label=${t("attach")} disabled=${isClosed}
            onChange=${(/** @type {Event} */ event) => {
              const input = /** @type {HTMLInputElement} */ (event.target);
              attachFiles(id, [...(input.files ?? [])]);
              input.value = "";
              focusPane(id);
            }} />
        </label>
      `}
      <textarea
        ref=${field}
        rows="1"
        dir="auto"
        value=${text}
        disabled=${isClosed}
        placeholder=${t(security === "classic" ? "notEncryptedHint" : "messageTo", {
          name: isolate(name),
        })}
        aria-label=${t("messageTo", { name })}
        onInput=${(/** @type {InputEvent} */ event) =>
          setValue(/** @type {HTMLTextAreaElement} */ (event.target).value)}
        onKeyDown=${onKey}
        onPaste=${(/** @type {ClipboardEvent} */ event) =>
          answerFiles(event.clipboardData, event, id)}
      />
      <button type="button" class="plain" title=${t("emoji")} aria-label=${t(
        "emoji",
      )}
        aria-haspopup="menu" disabled=${isClosed} onClick=${chooseEmoji}>${icon(
          ICONS.smile,
        )}</button>
      <button class="strong send" disabled=${!canSend}><span>${t("send")}</span>${icon(
        ICONS.send,
      )}</button>
    </form>
  `;
}

/** The purpose of the field, if it is not for a new text. @param {{ head: ChatHead }} props */
function ComposingStrip({ head: { id, name, actions } }) {
  const composing = state.composing.get(id);
  if (composing === undefined) return null;
  const { type } = composing;
  const row = loadedMessages(id)?.messageOf(composing.row.id) ?? composing.row;
  const title = type === "edit"
    ? t("editing")
    : row.from === "me"
    ? t("replyToYourself")
    : rich("replyTo", { name });
  return html`
    <div class="composing">
      <span class="one-line">${title} <bdi class="quiet">${row.isDeleted === true
        ? t("deleted")
        : row.text.slice(0, 200)}</bdi></span>
      ${actions === "later" && type === "edit"
        ? html`<span class="quiet">${t("needsNewer")}</span>`
        : null}
      <button type="button" class="plain" aria-label=${t("cancel")} onClick=${() =>
        composeAnew(id)}>×</button>
    </div>
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

/** The line that says if the peer is typing. @param {{ head: ChatHead }} props */
export function Typing({ head }) {
  return html`<p class="typing">${head.typing ? rich("typing", { name: head.name }) : ""}</p>`;
}
