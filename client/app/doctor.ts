import { describeDiagnosis } from "./describe_diagnosis.ts";
import { capitalize, type Face } from "./describe_error.ts";
import { ClientError, diagnose, type Diagnostics, type Messenger } from "../core/mod.ts";
import { allowedEnv } from "../../server/platform/cli/env.ts";
import type { Emit } from "./events.ts";
import { EXIT, exitCodeOf } from "./exit_codes.ts";

/** Variables by which other programs find a proxy. */
const PROXY_VARIABLES = [
  "ALL_PROXY",
  "all_proxy",
  "HTTPS_PROXY",
  "https_proxy",
  "HTTP_PROXY",
  "http_proxy",
];

/**
 * `doctor`: logs in, checks everything, and says what is wrong.
 *
 * @param whyNoKey why the user's key can't be used; undefined if it can
 */
export async function doctor(
  messenger: Messenger,
  emit: Emit,
  whyNoKey?: string,
): Promise<number> {
  let failure: ClientError | undefined;
  try {
    await messenger.login();
    await messenger.users.ready;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    failure = error;
  }
  const facts = await messenger.examine(failure && { failure });
  const code = showDiagnosis(facts, "command", emit);
  if (whyNoKey === undefined) return code;
  emit({ type: "error", text: describeMissingKey(whyNoKey) });
  return code === EXIT.done ? EXIT.usage : code;
}

/** `/doctor`: the same for a user who is chatting. */
export async function diagnoseHere(
  messenger: Messenger,
  emit: Emit,
  whyNoKey?: string,
): Promise<void> {
  showDiagnosis(await messenger.examine(), "terminal", emit);
  if (whyNoKey !== undefined) emit({ type: "error", text: describeMissingKey(whyNoKey) });
}

function describeMissingKey(reason: string): string {
  return `You have no key, so nothing is encrypted, and nothing proves who you are: ${reason}`;
}

/** Shows what was found; returns the exit code. */
function showDiagnosis(facts: Diagnostics, face: Face, emit: Emit): number {
  const { findings, verdict, hints } = describeDiagnosis(facts, face);
  const problem = diagnose(facts);
  const names = facts.peers.map(({ name }) => name);
  const sentence = (text: string) =>
    names.some((name) => text.startsWith(name)) ? text : capitalize(text);
  for (const text of findings) emit({ type: "note", text: sentence(text) });
  emit({ type: problem === undefined ? "note" : "error", text: sentence(verdict) });
  for (const text of hints) emit({ type: "note", text: sentence(text) });
  const proxy = problem?.code === "not-logged-in" && problem.error.is("server-unreachable")
    ? PROXY_VARIABLES.find((name) => (allowedEnv(name) ?? "") !== "")
    : undefined;
  if (proxy !== undefined) {
    const text = `A proxy is set (${proxy}), and MIM connects without one: if only the proxy may ` +
      "leave your network, the server has to be inside of it";
    emit({ type: "note", text });
  }
  if (problem === undefined) return EXIT.done;
  if (problem.code === "not-logged-in") return exitCodeOf(problem.error.code);
  if (problem.code === "port-taken") return EXIT.usage;
  return problem.code === "wrong-clock" ? EXIT.unexpected : EXIT.notOnline;
}
