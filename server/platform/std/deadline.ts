// @ts-types="./std.d.ts"
export { deadline } from "deno-std/async/deadline.js";
