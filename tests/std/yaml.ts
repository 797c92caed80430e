// @ts-types="./yaml.d.ts"
export { parse } from "deno-std/yaml/mod.js";
