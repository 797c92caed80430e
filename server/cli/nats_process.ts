import { onSignal } from "../platform/cli/signals.ts";

/** Tells a program that another one has started it, and that it ends with it. */
const PARENT_VARIABLE = "MIM_SERVER_PARENT";
const CONFIG = new URL("../cluster/deno.json", import.meta.url);
const MAIN = new URL("../main.ts", import.meta.url);

/**
 * Whether the program has to be started anew to find NATS, and may: the packages stand in a configuration of
 * their own, so that nobody else fetches them.
 */
export function needsNatsProcess(): boolean {
  const all = ["run", "read", "net", "env", "write", "sys"] as const;
  return !canFind("@nats-io/transport-node") &&
    all.every((name) => Deno.permissions.querySync({ name }).state === "granted") &&
    CONFIG.protocol === "file:" && isFile(CONFIG) && isFile(MAIN);
}

/** Runs the server with NATS, as a process that ends with this one; resolves to its exit code. */
export async function runWithNats(args: readonly string[]): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", "--allow-all"],
      ...["--config", CONFIG.pathname, MAIN.pathname, ...args],
    ],
    env: { [PARENT_VARIABLE]: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "piped",
  }).spawn();
  const pass = (signal: Deno.Signal) => onSignal(signal, () => child.kill(signal));
  pass("SIGTERM");
  pass("SIGHUP");
  // A terminal sends Ctrl-C to both.
  if (Deno.stdin.isTerminal()) onSignal("SIGINT", () => {});
  else pass("SIGINT");
  return (await child.status).code;
}

/** Ends the program once the one that has started it is gone, if one has. */
export async function endWithParent(): Promise<void> {
  const access = Deno.permissions.querySync({ name: "env", variable: PARENT_VARIABLE });
  if (access.state !== "granted" || Deno.env.get(PARENT_VARIABLE) === undefined) return;
  for await (const _ of Deno.stdin.readable); // nothing comes but the end
  Deno.exit(1);
}

function canFind(specifier: string): boolean {
  try {
    import.meta.resolve(specifier);
    return true;
  } catch {
    return false;
  }
}

function isFile(url: URL): boolean {
  try {
    return Deno.statSync(url).isFile;
  } catch {
    return false;
  }
}
