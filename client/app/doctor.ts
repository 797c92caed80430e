import { describeError, type Face } from "./describe_error.ts";
import { ClientError, diagnose, type Diagnostics, type Messenger } from "../core/mod.ts";
import type { Emit } from "./events.ts";
import { EXIT, exitCodeOf } from "./exit_codes.ts";

/** `doctor`: logs in, looks at everything, and says what is wrong. */
export async function doctor(messenger: Messenger, emit: Emit): Promise<number> {
  let failure: ClientError | undefined;
  try {
    await messenger.login();
    await messenger.users.ready;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    failure = error;
  }
  const facts = await messenger.examine();
  return formatDiagnosis(failure === undefined ? facts : { ...facts, failure }, "command", emit);
}

/** `/doctor`: the same, of somebody who is chatting. */
export async function diagnoseHere(messenger: Messenger, emit: Emit): Promise<void> {
  formatDiagnosis(await messenger.examine(), "terminal", emit);
}

/** Says what facts mean; returns the exit code. */
export function formatDiagnosis(
  facts: Diagnostics,
  face: Face,
  emit: Emit,
): number {
  const { findings, verdict, hints, trouble } = diagnose(facts);
  for (const text of findings) emit({ type: "note", text });
  const { failure } = facts;
  const text = failure === undefined ? verdict : describeError(failure, face);
  emit({ type: trouble === undefined ? "note" : "error", text });
  for (const text of hints) emit({ type: "note", text });
  return trouble === undefined ? EXIT.done : exitCodeOf(trouble);
}
