import { nameKey, quote } from "../../protocol/mod.ts";
import { formatQuery, isRoomQuery } from "../app/mod.ts";
import { ClientError } from "../core/mod.ts";
import { openHistory, type Profile } from "../storage/mod.ts";
import type { ScriptTask } from "./options.ts";
import { recipientsIn } from "./recipients.ts";

/**
 * Texts of a script go to nobody by a name that the user gave somebody: whoever is called so at the server
 * may be someone else.
 *
 * @throws {ClientError} `not-online` if a recipient is such a name
 */
export async function refuseAliases(
  task: ScriptTask,
  { folder }: Pick<Profile, "folder">,
): Promise<void> {
  if (folder === undefined || !("to" in task)) return;
  const names = task.type === "ask" ? [task.to] : recipientsIn(task.to);
  const people = names.filter((name) => !isRoomQuery(name));
  if (people.length === 0 || !await exists(`${folder}/history.db`)) return;
  const history = await openHistory(folder, () => {});
  const facts = history?.facts() ?? [];
  await history?.close();
  for (const name of people) {
    const key = nameKey(name);
    const person = facts.find(({ alias, thread }) =>
      alias !== "" && nameKey(alias) === key && nameKey(thread) !== key
    );
    if (person === undefined) continue;
    const { thread } = person;
    const message = `${quote(name)} is your own name for ${formatQuery(thread)}: write ` +
      `${formatQuery(thread)}, or ${formatQuery(name, "ADDRESS")} for whoever is called so`;
    throw new ClientError("not-online", { reason: "ambiguous", name }, { message });
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
