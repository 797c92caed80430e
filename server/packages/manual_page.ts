import config from "../../deno.json" with { type: "json" };
import { runTool } from "./run_tool.ts";
import { filled } from "./staged_tree.ts";

/**
 * The manual page of the server: a text of its own, and what `--help` says of commands and options.
 *
 * @param bundle the bundled server, which is asked for its help
 * @param date in seconds since 1970
 */
export async function manualPage(bundle: string, date: number): Promise<string> {
  const help = await runTool([Deno.execPath(), "run", "--no-config", bundle, "--help"]);
  const page = await Deno.readTextFile(new URL("debian/mim-server.8", import.meta.url));
  return filled(page, {
    ...helpParts(help),
    DATE: new Date(date * 1_000).toISOString().slice(0, 10),
    VERSION: config.version,
  });
}

/** The commands and options of `--help`, in the language of manual pages. */
export function helpParts(help: string): { readonly COMMANDS: string; readonly OPTIONS: string } {
  const commands = help.matchAll(/^ {7}mim-server (\S.*?) {2,}(\S.*)$/gm);
  // A line that goes on begins further right than any option does.
  const whole = help.replaceAll(/\n {20,}/g, " ");
  const options = whole.matchAll(/^ {2}(--\S.*?) {2,}(\S.*)$/gm);
  const last = /^ {2}(--help, --version)$/m.exec(help)?.[1];
  return {
    COMMANDS: paragraphs(commands),
    OPTIONS: `${paragraphs(options)}\n${paragraph(last ?? "", "show the options, or the version")}`,
  };
}

function paragraphs(entries: Iterable<RegExpExecArray>): string {
  return Array.from(entries, ([, what = "", text = ""]) => paragraph(what, text)).join("\n");
}

function paragraph(what: string, text: string): string {
  const sentence = text.replaceAll(/ {2,}/g, " ");
  const isList = /^[a-z]+(,| or )/.test(sentence); // of values, which stay as they are
  const first = isList ? sentence.slice(0, 1) : sentence.slice(0, 1).toUpperCase();
  return `.TP\n.B ${escaped(what)}\n${escaped(first + sentence.slice(1))}.`;
}

/** Hyphens that can be copied, and no line that is a command of its own. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^[.\']/, "\\&$&");
}
