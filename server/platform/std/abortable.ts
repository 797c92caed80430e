// @ts-types="./std.d.ts"
export { abortable } from "deno-std/async/abortable.js";
