/** More texts in the user's language: the server gives one of these files under this name. */

export { default } from "./more_text_en.js";
