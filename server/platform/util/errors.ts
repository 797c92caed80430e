/** The message of an error, without what only programmers read. */
export function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return reason.replace(/ \(os error \d+\).*$/s, "").replace(
    /, run again with the --allow-.*$/s,
    "",
  );
}

/** The system's code for an error, such as `EADDRINUSE`; undefined if it has none. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}
