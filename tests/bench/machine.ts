/** What this machine allows and tells of its processes. */

/** Descriptors that a process needs besides its connections, with room to spare. */
const OTHER_FILES = 64;

/** Resident memory of a process; undefined where the system doesn't tell. */
export async function residentKib(pid: number): Promise<number | undefined> {
  const text = Deno.build.os === "linux"
    ? /VmRSS:\s*(\d+)/.exec(await Deno.readTextFile(`/proc/${pid}/status`))?.[1]
    : await output("ps", ["-o", "rss=", "-p", `${pid}`]);
  return Number(text) || undefined;
}

/** The most resident memory that a process has had so far; undefined where the system doesn't tell. */
export async function residentPeakKib(pid: number): Promise<number | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  const text = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmHWM:\s*(\d+)/.exec(text)?.[1]) || undefined;
}

/** Processor time of a process so far, in seconds; undefined where the system doesn't tell. */
export async function processorSeconds(pid: number): Promise<number | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  // Behind the program's name, in brackets: the 12th and 13th field, in hundredths of a second.
  const fields = (await Deno.readTextFile(`/proc/${pid}/stat`)).split(") ").at(-1)?.split(" ") ??
    [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/**
 * Checks that so many users find a file descriptor each, in the server and in the load.
 *
 * @throws {Error} that says what to do
 */
export async function checkFileDescriptors(users: number): Promise<void> {
  const needed = users + OTHER_FILES;
  const allowed = Number(await output("sh", ["-c", "ulimit -n"])); // NaN for "unlimited" and Windows
  if (allowed < needed) {
    throw new Error(
      `${users} users need ${needed} file descriptors in the server's process, this system allows ` +
        `${allowed}: raise the limit (ulimit -n ${needed}), or take fewer --users`,
    );
  }
}

/** What a command prints; undefined where there is no such command. */
async function output(command: string, args: string[]): Promise<string | undefined> {
  try {
    const { stdout } = await new Deno.Command(command, { args, stderr: "null" }).output();
    return new TextDecoder().decode(stdout).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
