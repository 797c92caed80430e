import type { Context } from "../app/mod.ts";
import { allowedEnv } from "../../server/platform/cli/env.ts";
import type { PromptUi } from "./prompt_ui.ts";

/**
 * Opens the prompt. The line editor is loaded only here, since it takes half of the start-up time.
 *
 * @param context what the prompt shows, once there is one
 * @param inputHistory the file for entered lines; undefined: they are forgotten at the end
 */
export async function openPrompt(
  context: () => Context | undefined,
  inputHistory: string | undefined,
): Promise<PromptUi> {
  const { PromptUi } = await import("./prompt_ui.ts");
  return new PromptUi(context, hasColors(), inputHistory);
}

/** Whether the terminal shows colors and the user wants them (see no-color.org). */
function hasColors(): boolean {
  return !Deno.noColor && allowedEnv("TERM") !== "dumb";
}
