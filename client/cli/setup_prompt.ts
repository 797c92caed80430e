import { type ServerAddress, shortAddress } from "../../protocol/mod.ts";
import {
  chosenOffer,
  DEFAULT_SERVER,
  describeOffer,
  EXIT,
  type OfferedServer,
  serverAddresses,
  userName,
} from "../app/mod.ts";
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
  /** The user's answers, to be saved after a successful login. */
  readonly asked: readonly ("server" | "name")[];
}

/**
 * Asks for what is not known. The server is asked only together with the name: if the name is known, the
 * user has started MIM before, or knows the options.
 *
 * @param searching the servers on the network, of which the user may choose one: the search goes on while
 *   the name is asked
 */
export async function setupPrompt(
  prompt: PromptUi | undefined,
  { server, otherServers, name, suggestedName }: SetupDefaults,
  searching: Promise<readonly OfferedServer[]> | undefined,
  stopped: Promise<number>,
): Promise<SetupAnswers | number> {
  const known = { server: server ?? DEFAULT_SERVER, otherServers };
  if (name !== undefined) return { ...known, name, asked: [] };
  if (prompt === undefined) return { ...known, name: userName(suggestedName), asked: [] };
  const answer = await ask(
    { prompt, stopped, question: "Your name", expected: "your name", suggested: suggestedName },
    (line) => userName(line === "" ? suggestedName : line),
  );
  if (typeof answer === "number") return answer;
  if (server !== undefined) return { ...known, name: answer, asked: ["name"] };
  const servers = await askServer(prompt, await searching ?? [], stopped);
  if (typeof servers === "number") return servers;
  const [first, ...others] = servers;
  return { server: first, otherServers: others, name: answer, asked: ["server", "name"] };
}

/** Asks which server to use: one that was found is the suggestion, several are a numbered choice. */
async function askServer(
  prompt: PromptUi,
  offers: readonly OfferedServer[],
  stopped: Promise<number>,
): Promise<OfferedServer["servers"] | number> {
  const [first, ...others] = offers;
  const suggested = first === undefined
    ? shortAddress(DEFAULT_SERVER)
    : others.length === 0
    ? describeOffer(first)
    : "1";
  if (others.length > 0) {
    offers.forEach((offer, at) => prompt.emit({ type: "server-found", number: at + 1, offer }));
  }
  return await ask(
    { prompt, stopped, question: "Server", expected: "a server", suggested },
    (line) => {
      if (line === "") return first?.servers ?? [DEFAULT_SERVER];
      return chosenOffer(offers, line)?.servers ?? serverAddresses(line);
    },
  );
}

interface Question {
  readonly prompt: PromptUi;
  readonly stopped: Promise<number>;
  readonly question: string;
  /** A description of valid answers. */
  readonly expected: string;
  readonly suggested: string;
}

/** Asks until the answer is valid; an empty one takes the suggestion. */
async function ask<Answer>(
  { prompt, stopped, question, expected, suggested }: Question,
  understand: (line: string) => Answer,
): Promise<Answer | number> {
  for (;;) {
    const line = await Promise.race([prompt.ask(`${question} [${suggested}]: `), stopped]);
    if (typeof line === "number") return line;
    const answer = line.trim();
    if (answer === "/quit") return EXIT.done;
    try {
      if (answer.startsWith("/")) {
        throw new SyntaxError(`Commands work after the login; enter ${expected}, or /quit`);
      }
      return understand(answer);
    } catch (error) {
      prompt.emit({ type: "error", text: reasonOf(error) });
    }
  }
}
