// @ts-types="./std.d.ts"
export { delay } from "deno-std/async/delay.js";
