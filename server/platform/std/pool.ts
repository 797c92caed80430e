// @ts-types="./std.d.ts"
export { pooledMap } from "deno-std/async/pool.js";
