// @ts-types="./std.d.ts"
export { timingSafeEqual } from "deno-std/crypto/timing_safe_equal.js";
