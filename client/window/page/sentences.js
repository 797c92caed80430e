/** The program's sentences in the language that the browser asks for; the program serves them under this name. */

export { default } from "./sentences_en.js";
