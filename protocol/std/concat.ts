// @ts-types="./std.d.ts"
export { concat } from "deno-std/bytes/concat.js";
