import { assertEquals, assertNotMatch, assertStringIncludes } from "@std/assert";
import config from "../../deno.json" with { type: "json" };

/**
 * The runtime that executables are made of comes from the network; this Deno itself stands in its
 * place. So what is checked is the graph, the flags, and which files are embedded.
 */
for (const program of ["client", "server"] as const) {
  Deno.test(`${program}: compiles to one file that holds what it needs, and no test package`, async () => {
    const folder = await Deno.makeTempDir();
    const [, ...args] = config.tasks[`compile:${program}`].split(" ");
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: args.map((arg) => arg.startsWith("dist/") ? `${folder}/program` : arg),
      cwd: new URL("../../", import.meta.url),
      env: { DENORT_BIN: Deno.execPath(), NO_COLOR: "1" },
    }).output();
    const listing = new TextDecoder().decode(stderr);
    assertEquals(code, 0, listing);
    assertStringIncludes(listing, "presence.ts");
    assertStringIncludes(listing, "deno.json");
    assertNotMatch(listing, /fast-check|_test\.ts/);
    await Deno.remove(folder, { recursive: true });
  });

  Deno.test(`${program}: compiled with the permissions that its task runs with, and no more`, () => {
    const allowed = (command: string) =>
      command.split(" ").filter((arg) => arg.startsWith("--allow"));
    assertEquals(
      allowed(config.tasks[`compile:${program}`]),
      allowed(config.tasks[program].command),
    );
  });
}
