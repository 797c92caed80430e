/** Whether a text has, for each word, one that begins with it; letter case and accents don't matter. */
export function wordMatcher(words: string): ((text: string) => boolean) | undefined {
  const wanted = wordsOf(words);
  if (wanted.length === 0) return undefined;
  return (text) => {
    const said = wordsOf(text);
    return wanted.every((word) => said.some((each) => each.startsWith(word)));
  };
}

/** The words of a text, without case and accents. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().normalize("NFD").replaceAll(/\p{M}/gu, "").match(/[\p{L}\p{N}]+/gu) ??
    [];
}
