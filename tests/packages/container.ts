/** Follows a Containerfile without a container engine, in a copy of this system that is thrown away. */

import { runTool } from "../../server/packages/run_tool.ts";
import { TempFolder } from "../helpers/disk.ts";

/** Runs a program in namespaces of its own; with it ends all that it has started. */
export const IN_NAMESPACES: readonly string[] = [
  ...["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"],
];
const COPY = new URL("copy_of_system.sh", import.meta.url).pathname;

/**
 * Builds the image of an archive, and runs its container.
 *
 * @returns lines with what was seen
 */
export async function runContainer(archive: string): Promise<string[]> {
  using context = new TempFolder();
  using work = new TempFolder();
  const strip = "--strip-components=1";
  await runTool(["tar", "--extract", "--file", archive, "--directory", context.path, strip]);
  const file = await Deno.readTextFile(`${context.path}/Containerfile`);
  const start = `work=${work.path} context=${context.path}\n. ${COPY}\nip link set lo up`;
  const script = containerScript(file, Deno.execPath(), "--hostname 127.0.0.1");
  const said = await runTool([...IN_NAMESPACES, "sh", "-euc", `${start}${script}`]);
  return said.trim().split("\n");
}

/** A Containerfile's instructions, such as `["USER", "842:842"]`; lines that go on are joined. */
function instructionsIn(text: string): (readonly [name: string, value: string])[] {
  const lines = text.replaceAll(/^#.*\n/gm, "").replaceAll(/\\\n/g, " ").split("\n");
  return lines.filter((line) => line.trim() !== "").map((line) => {
    const [, name = "", value = ""] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    return [name, value.trim()];
  });
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The words of a command in JSON, for a shell. */
function wordsIn(json: string): string {
  return JSON.parse(json).map(quoted).join(" ");
}

/**
 * A shell script that builds the image in `$root` from the folder `$context`, starts its container with the
 * given options, and says what the health check finds before, meanwhile and afterwards.
 *
 * @param deno what stands in the place of the image that Deno is taken from
 */
function containerScript(containerfile: string, deno: string, options: string): string {
  const steps: string[] = [];
  const settings: Record<string, string> = {};
  let variables = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  for (const [name, value] of instructionsIn(containerfile)) {
    const words = value.split(/\s+/);
    const to = words.at(-1) ?? "";
    if (name === "RUN") steps.push(`chroot "$root" sh -c ${quoted(value)}`);
    else if (name === "ENV") variables += ` ${value}`;
    else if (name !== "COPY") settings[name] = value;
    else if (words[0] === "--from=deno") steps.push(`place ${quoted(deno)} "$root${to}"`);
    else {
      for (const file of words.slice(0, -1)) {
        const place = to.endsWith("/") ? to + file : to;
        steps.push(`place "$context/${file}" "$root${place}"`);
      }
    }
  }
  const [user, group] = (settings.USER ?? "").split(":");
  const health = settings.HEALTHCHECK?.replace(/^.*?CMD\s+/, "") ?? "[]";
  const start = `${wordsIn(settings.ENTRYPOINT ?? "[]")} ${
    wordsIn(settings.CMD ?? "[]")
  } ${options}`;
  return `
place() { mkdir -p "$(dirname "$2")" && cp -p "$1" "$2"; }
${steps.join("\n")}
as_user() { chroot "$root" setpriv --reuid=${user} --regid=${group} --clear-groups env -i ${variables} "$@"; }
health() { if as_user ${wordsIn(health)}; then echo "$1: healthy"; else echo "$1: unhealthy"; fi; }
health before
mkfifo "$work/stdout"
chroot "$root" setpriv --reuid=${user} --regid=${group} --clear-groups env -i ${variables} \\
	${start} >"$work/stdout" 2>"$work/stderr" &
server=$!
exec 3<"$work/stdout"
read -r line <&3 || { cat "$work/stderr" >&2; exit 1; }
echo "$line"
health meanwhile
as_user mim-server users && echo "users: done"
kill -TERM "$server"
wait "$server" && echo "stopped: $?"
health afterwards
chroot "$root" stat --format '%A %U %n' /var/lib/mim-server /var/lib/mim-server/server.key
`;
}
