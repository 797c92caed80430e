/** The parts of the system that decide where data folders are. */
export interface System {
  readonly os: typeof Deno.build.os;
  /** A variable of the environment; undefined if it is not set, or may not be read. */
  readonly env: (variable: string) => string | undefined;
}

/** The real system. */
export const systemEnv: System = { os: Deno.build.os, env: allowedEnv };

/** A variable of the environment, if it is set and may be read without asking. */
export function allowedEnv(variable: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) : undefined;
}

/**
 * The variable of the environment whose comma splits a list of paths that Deno's permissions were given
 * as, so that other folders are allowed; undefined if there is none, or all folders are allowed.
 */
export function splitPathList(variables: readonly string[]): string | undefined {
  const areAllAllowed = (["read", "write"] as const).every((name) =>
    Deno.permissions.querySync({ name }).state === "granted"
  );
  if (areAllAllowed) return undefined;
  return variables.find((variable) => allowedEnv(variable)?.includes(","));
}

/** Homes of users who have none. */
const NO_HOMES = ["/nonexistent", "/dev/null", "/var/empty"];

/**
 * The home folder above a folder, if it does not exist: system services have none, and creating it would
 * keep data where nobody looks for it. Undefined if it exists or can't be looked up.
 */
export function missingHomeOf(folder: string): string | undefined {
  const home = allowedEnv("HOME")?.replace(/\/+$/, "");
  if (!home || !folder.startsWith(`${home}/`)) return undefined;
  if (NO_HOMES.includes(home)) return home;
  const { state } = Deno.permissions.querySync({ name: "read", path: home });
  if (state !== "granted") return undefined;
  try {
    Deno.statSync(home);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return home;
  }
  return undefined;
}

/** Whether a file or folder may be read and written without asking the user. */
export function isPathAllowed(path: string): boolean {
  return (["read", "write"] as const).every((name) =>
    Deno.permissions.querySync({ name, path }).state === "granted"
  );
}
