/** Texts that are sent as soon as the program answers again. */

/** The texts that are sent as soon as the program answers again. @type {Map<number, () => void>} */
const pending = new Map();

/** The text of a chat is sent as soon as the program answers again. @param {number} chat @param {() => void} submit */
export function submitLater(chat, submit) {
  pending.set(chat, submit);
}

/** Sends what was submitted while the program could not be reached. */
export function submitPending() {
  for (const submit of [...pending.values()]) submit();
  pending.clear();
}
