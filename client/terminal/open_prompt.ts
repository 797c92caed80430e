import type { Context } from "../app/mod.ts";
import type { PasswordPrompt } from "./input/mod.ts";
import type { PromptUi } from "./prompt_ui.ts";

/**
 * Opens the prompt. The line editor is loaded only here, since it is slow to start.
 *
 * @param inputHistory the file for entered lines; undefined: they are forgotten at the end
 */
export async function openPrompt(
  context: () => Context | undefined,
  inputHistory: string | undefined,
): Promise<PromptUi> {
  const { PromptUi } = await import("./prompt_ui.ts");
  return new PromptUi(context, !Deno.noColor, inputHistory); // see no-color.org
}

/** Asks for secrets, and for lines before there is a prompt. Loaded only here, too. */
export async function openPasswordPrompt(): Promise<PasswordPrompt> {
  const { PasswordPrompt } = await import("./input/mod.ts");
  return new PasswordPrompt();
}
