/** The question of a client at a terminal if its user can have no key. */
export const NO_KEY_QUESTION = "Chat without encryption and without a key? (yes or no) [no]: ";

/** Whether an answer means yes. */
export function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer.trim());
}
