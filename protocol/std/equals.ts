// @ts-types="./std.d.ts"
export { equals } from "deno-std/bytes/equals.js";
