/** The first step of every comparison of names: what no eye and no keyboard tells apart. */

const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu;
const IOTA_BELOW = "\u0345";
/** A dot above a letter that has one anyway. */
const SECOND_DOT = /(\p{Soft_Dotted})\u0307/gu;

/**
 * A name in small letters and decomposed, without its width, invisible characters and superfluous
 * blanks.
 */
export function foldCase(name: string): string {
  const plain = name.normalize("NFKD").replace(IGNORABLE, "").replace(/\s+/gu, " ").trim();
  // One by one: a sigma at the end of a word would become another letter.
  const small = Array.from(plain, smallLetter).join("");
  return small.normalize("NFKD").replace(SECOND_DOT, "$1");
}

/** Small, capital, small: so that "ß", "ẞ" and "SS" become the same. */
function smallLetter(letter: string): string {
  if (letter === IOTA_BELOW) return letter; // a mark that would become a letter
  return letter.toLowerCase().toUpperCase().toLowerCase();
}
