/** What an error says, without the number that the system has for it. */
export function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return reason.replace(/ \(os error \d+\)$/, "");
}
