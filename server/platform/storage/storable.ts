/** SQLite stores no lone surrogates, and Deno reads nothing behind a NUL. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}
