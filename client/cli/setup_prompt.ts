import { type ServerAddress, shortAddress } from "../../protocol/mod.ts";
import { DEFAULT_SERVER, EXIT, serverAddresses, userName } from "../app/mod.ts";
import { reasonOf } from "../../server/platform/util/errors.ts";
import type { PromptUi } from "../terminal/mod.ts";

export interface SetupDefaults {
  readonly server: ServerAddress | undefined;
  readonly otherServers: readonly ServerAddress[];
  readonly name: string | undefined;
  /** The name that is suggested, or used if nobody can be asked. */
  readonly suggestedName: string;
}

export interface SetupAnswers {
  readonly server: ServerAddress;
  readonly otherServers: readonly ServerAddress[];
  readonly name: string;
  /** What the user was asked, to be saved after a successful login. */
  readonly asked: readonly ("server" | "name")[];
}

/**
 * Asks for what is not known. The server is asked only together with the name: if the name is known, the
 * user has started MIM before, or knows the options.
 */
export async function setupPrompt(
  prompt: PromptUi | undefined,
  { server, otherServers, name, suggestedName }: SetupDefaults,
  stopped: Promise<number>,
): Promise<SetupAnswers | number> {
  const known = { server: server ?? DEFAULT_SERVER, otherServers };
  if (name !== undefined) return { ...known, name, asked: [] };
  if (prompt === undefined) return { ...known, name: userName(suggestedName), asked: [] };
  const servers = server === undefined
    ? await ask(prompt, "Server", shortAddress(DEFAULT_SERVER), serverAddresses, stopped)
    : [server, ...otherServers] as const;
  if (typeof servers === "number") return servers;
  const answer = await ask(prompt, "Your name", suggestedName, userName, stopped);
  if (typeof answer === "number") return answer;
  const [first, ...others] = servers;
  return {
    server: first,
    otherServers: others,
    name: answer,
    asked: server === undefined ? ["server", "name"] : ["name"],
  };
}

/** Asks until the answer is valid; Enter takes the suggestion. */
async function ask<Answer>(
  prompt: PromptUi,
  question: "Server" | "Your name",
  suggested: string,
  understand: (text: string) => Answer,
  stopped: Promise<number>,
): Promise<Answer | number> {
  for (;;) {
    const line = await Promise.race([prompt.ask(`${question} [${suggested}]: `), stopped]);
    if (typeof line === "number") return line;
    const answer = line.trim();
    if (answer === "/quit") return EXIT.done;
    try {
      if (answer.startsWith("/")) {
        const what = question === "Server" ? "a server" : "your name";
        throw new SyntaxError(`Commands work after the login; enter ${what}, or /quit`);
      }
      return understand(answer === "" ? suggested : answer);
    } catch (error) {
      prompt.emit({ type: "error", text: reasonOf(error) });
    }
  }
}
