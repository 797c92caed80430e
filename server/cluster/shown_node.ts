/** How many digits of a node's id the log shows. */
const SHOWN_DIGITS = 8;

/** A node's id as the log shows it. */
export function shownNode(node: string): string {
  return node.slice(0, SHOWN_DIGITS);
}
