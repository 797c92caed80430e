/**
 * Runs a tool to its end.
 *
 * @param cwd the folder that it runs in; the project's if left out
 * @returns what it wrote to stdout
 * @throws {Error} if it can't be started or fails, with what it wrote
 */
export async function runTool(
  [command = "", ...args]: readonly string[],
  { cwd = new URL("../../", import.meta.url), env = {} }: {
    readonly cwd?: string | URL;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<string> {
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(command, { args, cwd, env, stdin: "null" }).output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new Error(`${command} is not installed`);
    throw error;
  }
  const [stdout, stderr] = [output.stdout, output.stderr].map((bytes) =>
    new TextDecoder().decode(bytes)
  );
  if (output.success) return stdout ?? "";
  throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`.trimEnd());
}
