import { assertEquals } from "@std/assert";
import {
  decoderLabel,
  encoderFor,
  isDumbTerminal,
  otherCharset,
} from "../../../../server/platform/cli/terminal_charset.ts";

const env = (variables: Record<string, string>) => (name: string) => variables[name];

Deno.test("a terminal without a name, or that is dumb, draws nothing", () => {
  for (const TERM of ["", "dumb", "unknown"]) {
    assertEquals(isDumbTerminal("linux", env({ TERM })), true);
  }
  assertEquals(isDumbTerminal("linux", env({})), true);
  assertEquals(isDumbTerminal("windows", env({})), false);
  for (const TERM of ["xterm", "screen-256color", "vt100"]) {
    assertEquals(isDumbTerminal("linux", env({ TERM })), false);
  }
});

const LOCALES: readonly (readonly [Record<string, string>, string | undefined])[] = [
  [{}, undefined],
  [{ LANG: "C" }, undefined],
  [{ LANG: "POSIX" }, undefined],
  [{ LANG: "C.UTF-8" }, undefined],
  [{ LANG: "de_DE.utf8" }, undefined],
  [{ LANG: "de_DE.UTF-8", LC_ALL: "" }, undefined],
  [{ LANG: "de_DE.UTF-8", LC_CTYPE: "de_DE.ISO-8859-1" }, "ISO-8859-1"],
  [{ LANG: "de_DE.ISO-8859-1", LC_ALL: "de_DE.UTF-8" }, undefined],
  [{ LANG: "de_DE@euro" }, "ISO-8859-15"],
  [{ LANG: "de_DE.ISO-8859-15@euro" }, "ISO-8859-15"],
  [{ LANG: "ru_RU.KOI8-R" }, "KOI8-R"],
];

for (const [variables, charset] of LOCALES) {
  Deno.test(`the character set of the locale ${JSON.stringify(variables)}`, () => {
    assertEquals(otherCharset(env(variables)), charset);
  });
}

Deno.test("text for a terminal without UTF-8 has no byte that is a control there", () => {
  const bytes = (charset: string, text: string) => [...encoderFor(charset)(text)];
  assertEquals(bytes("ISO-8859-1", "aé\n"), [0x61, 0xe9, 0x0a]);
  assertEquals(bytes("ISO-8859-15", "e\u0301€"), [0xe9, 0xa4]);
  assertEquals(bytes("KOI8-R", "д"), [0xc4]);
  assertEquals(bytes("ISO-8859-1", "д👍\x9b"), [0x3f, 0x3f, 0x3f]);
  assertEquals(bytes("no-such-set", "aé"), [0x61, 0x3f]);
  for (const charset of ["ISO-8859-1", "CP1252", "KOI8-R", "GBK", "eucJP", "SHIFT_JIS"]) {
    const encode = encoderFor(charset);
    for (let code = 0x80; code < 0x3000; code++) {
      const isControl = encode(String.fromCharCode(code)).some((byte) =>
        byte >= 0x80 && byte < 0xa0
      );
      assertEquals(isControl, false, `${charset} ${code}`);
    }
  }
});

Deno.test("names of character sets are those of decoders", () => {
  const labels = ["ISO-8859-1", "iso88591", "eucJP", "CP1251", "KOI8-R", "no-such-set"];
  assertEquals(labels.map((label) => decoderLabel(label) !== undefined), [
    true,
    true,
    true,
    true,
    true,
    false,
  ]);
});
