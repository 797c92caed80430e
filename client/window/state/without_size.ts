/** The end of what offers of files are called among messages, in English. */
const SIZE = /^(📎 .+) \((?:\d+ files, )?[\d.]+ (?:bytes?|[kMGT]B)\)$/u;

/** A text without the number and size of the files that it offers: pages show these in a card, in their language. */
export function withoutSize(text: string): string {
  return SIZE.exec(text)?.[1] ?? text;
}
