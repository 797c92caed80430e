/** The texts in the user's language: the server gives one of these files under this name. */

export { default, firstSentences, textLanguage } from "./text_en.js";
