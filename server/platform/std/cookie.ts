// @ts-types="./std.d.ts"
export { getCookies } from "deno-std/http/cookie.js";
