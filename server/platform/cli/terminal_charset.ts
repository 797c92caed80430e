import { allowedEnv } from "./env.ts";

/** The terminals that draw nothing, as terminfo names them. */
const DUMB_TERMINALS = ["", "dumb", "unknown", "network", "dialup"];

type Environment = (variable: string) => string | undefined;

/** Whether the terminal draws nothing, so that it must be sent no escape sequence. */
export function isDumbTerminal(os = Deno.build.os, env: Environment = allowedEnv): boolean {
  if (os === "windows") return env("TERM") === "dumb"; // nobody sets it there
  const { state } = Deno.permissions.querySync({ name: "env", variable: "TERM" });
  return state === "granted" && DUMB_TERMINALS.includes(env("TERM") ?? "");
}

/**
 * The character set that the locale names, if that is not UTF-8. `C` and `POSIX` name none: most such
 * systems have terminals with UTF-8.
 */
export function otherCharset(env: Environment = allowedEnv): string | undefined {
  const locale = env("LC_ALL") || env("LC_CTYPE") || env("LANG") || "";
  const [, charset] = /\.([^@]+)/.exec(locale) ??
    (/@euro$/.test(locale) ? ["", "ISO-8859-15"] : []);
  return charset === undefined || /^utf-?8$/i.test(charset) ? undefined : charset;
}

/** The name by which the decoders of the Web know a character set; undefined for an unknown one. */
export function decoderLabel(charset: string): string | undefined {
  const short = charset.toLowerCase().replace(/[^a-z\d]/g, "");
  const variants = [
    charset,
    short,
    short.replace(/^euc/, "euc-"),
    short.replace(/^cp/, "windows-"),
  ];
  return variants.find((label) => {
    try {
      return new TextDecoder(label) !== undefined;
    } catch {
      return false;
    }
  });
}

/**
 * Encodes text for a terminal with another character set than UTF-8, whose bytes could be control
 * characters there. A character that the terminal can't show becomes `?`.
 */
export function encoderFor(charset: string): (text: string) => Uint8Array<ArrayBuffer> {
  const label = decoderLabel(charset);
  const bytes = new Map<string, number>();
  for (let byte = 0xa0; byte <= 0xff && label !== undefined; byte++) {
    const char = new TextDecoder(label).decode(new Uint8Array([byte]));
    if (char.length === 1 && char > "\x9f" && char !== "\uFFFD") bytes.set(char, byte);
  }
  return (text) =>
    Uint8Array.from(
      text.normalize("NFC"),
      (char) => char <= "\x7f" ? char.charCodeAt(0) : bytes.get(char) ?? "?".charCodeAt(0),
    );
}

/** How lines are encoded for an output; undefined for UTF-8. */
export function encoderOf(
  output: { isTerminal(): boolean },
): ((text: string) => Uint8Array<ArrayBuffer>) | undefined {
  const charset = output.isTerminal() ? otherCharset() : undefined;
  return charset === undefined ? undefined : encoderFor(charset);
}
