/** The program that opens an address in the browser. Default: xdg-open. */
const OPENERS: Partial<Record<typeof Deno.build.os, readonly [string, ...string[]]>> = {
  darwin: ["open"],
  windows: ["cmd", "/c", "start", ""],
};

/** Opens an address in the user's browser; false if this is not allowed or fails. */
export async function openBrowser(
  address: string,
  os: typeof Deno.build.os = Deno.build.os,
): Promise<boolean> {
  const [program, ...args] = OPENERS[os] ?? ["xdg-open"];
  if (Deno.permissions.querySync({ name: "run", command: program }).state !== "granted") {
    return false;
  }
  try {
    const { success } = await new Deno.Command(program, {
      args: [...args, address],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false; // there is no such program
  }
}
