import { assertEquals } from "@std/assert";

const URL_OF_IT = new URL("../../../../server/platform/cli/fatal_errors.ts", import.meta.url);
const FAULTS = {
  "a promise that nobody waits for": 'Promise.reject(new Error("boom"))',
  "a callback": '(() => { throw new Error("boom"); })()',
};

for (const [name, fault] of Object.entries(FAULTS)) {
  Deno.test(`uncaught: ${name} ends a program in its own words`, async () => {
    const program = `
      import { onFatalError } from "${URL_OF_IT}";
      onFatalError((error) => {
        console.log(error.message);
        Deno.exit(1);
      });
      setTimeout(() => ${fault});
      setInterval(() => {}, 1_000);`;
    const url = `data:text/typescript,${encodeURIComponent(program)}`;
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "--allow-read", "--allow-import", url],
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assertEquals([code, text(stdout), text(stderr)], [1, "boom\n", ""]);
  });
}
