/**
 * Makes an identity once it is told to, as a client that starts does, and says it.
 *
 * @module
 */

import { IdentityFile } from "../../../../client/storage/identity/identity_file.ts";
import { stdinLines } from "../../../../client/terminal/frontend.ts";

const [folder = ""] = Deno.args;
console.log("ready");
for await (const _ of stdinLines()) {
  console.log((await new IdentityFile(folder).readOrMake()).toHex());
}
