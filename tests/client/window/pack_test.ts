/** Packing leaves a module what it was. */

import { assertEquals } from "@std/assert";
import { packScript, packStyle } from "../../../client/window/http/pack.ts";

/** The default export of a module. */
async function valueOf(module: string): Promise<unknown> {
  return (await import(`data:text/javascript,${encodeURIComponent(module)}`)).default;
}

Deno.test("pack: comments and blanks go, and the value stays", async () => {
  const module = `/** A module. */

const a = 1 + +"2"; // three, "not" code
const b = (/** @type {number} */ x) => x / 2 / 1;
let c = "// no comment, ${"${no part}"}";
c += \`a \${b(4) /* two */} // "kept"   \${\`in \${a ? "er" : {}.no}\`} ;}
indented\`;
const d = /[/"'\\]]+/g.test('/"');
const e = { if: a, "f g": [1, 2,], h() { return a
  ++
  c } };
let n = 1;
n++
n
++n
export default [a, b(6), c, d, e["f g"], n, a - -1, typeof a, "x".replace(/x/, "y"),];
`;
  const packed = packScript(module);
  assertEquals(await valueOf(packed), await valueOf(module));
  assertEquals(packed.includes("two"), false);
  assertEquals(packed.includes("A module"), false);
});

Deno.test("pack: a stylesheet loses its blanks and comments", () => {
  assertEquals(packStyle("a,\nb {\n  margin: 0.5rem 0;\n}\n"), "a,b{margin:.5rem 0;}");
  assertEquals(packStyle("/* one */\na {\n  /* two: */\n  top: 0;\n}\n"), "a{top:0;}");
});
