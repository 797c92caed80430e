/** SQLite holds neither halves of surrogate pairs nor, where Deno reads it, anything behind a NUL. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}
