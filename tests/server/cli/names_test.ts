import { assertEquals, assertMatch } from "@std/assert";
import { MimServer } from "../../../server/mod.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { Mim2Client } from "../../helpers/mim2_client.ts";
import { newKey } from "../../fixtures/keys.ts";
import { identityOf } from "../../../protocol/mod.ts";

/** What `names` with these arguments prints, and its exit code. */
async function names(folder: TempFolder, ...args: string[]) {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "server/main.ts", "names", ...args, "--data", folder.path],
  });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, out: text(stdout), err: text(stderr) };
}

/** Whether a key is let in under a name, and then with a certificate. */
async function logsIn(server: MimServer, name: string, key: Uint8Array) {
  using client = await Mim2Client.connect(server.port, { key });
  await client.logIn(await client.loginOf(name));
  const isIn = () => client.all("complete").length > 0;
  await client.until(() => isIn() || client.hasEnded, "an answer");
  return isIn() ? client.entry(name).certificate !== undefined : "rejected";
}

for (const isRunning of [true, false]) {
  const where = isRunning ? "beside a running server" : "of a stopped server";
  Deno.test(`names free ${where}: the key loses the name, and with --now another gets it at once`, async () => {
    using folder = new TempFolder();
    const [ada, eve] = [newKey(), newKey()];
    const listen = () => MimServer.listen({ hostname: "127.0.0.1", port: 0, data: folder.path });
    const whileItRuns = async <Result>(work: () => Promise<Result>) => {
      if (!isRunning) await server.close();
      const result = await work();
      if (!isRunning) server = listen();
      return result;
    };
    let server = listen();
    assertEquals(await logsIn(server, "Ada", ada), true);
    assertEquals(await logsIn(server, "ada", eve), "rejected");
    const listed = await whileItRuns(() => names(folder, "list"));
    assertEquals(listed.code, 0, listed.err);
    const key = identityOf(ada).toHex();
    assertMatch(listed.out, new RegExp(`^Ada\\t${key}\\t\\d{4}-\\d\\d-\\d\\d\\towned$`));

    const freed = await whileItRuns(() => names(folder, "free", "ada"));
    assertEquals(freed.code, 0, freed.err);
    assertMatch(freed.out, /^Ada belongs to no key any more.* No key gets it for 31 days/);
    assertEquals(await logsIn(server, "ada", ada), "rejected");
    assertEquals(await logsIn(server, "ada", eve), "rejected");
    assertMatch((await names(folder, "list")).out, /^Ada\t\t.*\tfree in 31 days$/);

    const now = await whileItRuns(() => names(folder, "free", "ADA", "--now"));
    assertEquals(now.code, 0, now.err);
    assertMatch(now.out, /gets it\nCertificates of its old key count for up to 31 days/);
    assertEquals(await logsIn(server, "ada", eve), true);
    assertEquals(await logsIn(server, "ada", ada), "rejected");
    await server.close();
  });
}

Deno.test("names: a name that nobody owns, no folder and other words are wrong usage", async () => {
  using folder = new TempFolder();
  const missing = await names(folder, "list");
  assertEquals([missing.code, missing.out], [2, ""]);
  assertMatch(missing.err, /Cannot use the names in/);
  await MimServer.listen({ hostname: "127.0.0.1", port: 0, data: folder.path }).close();
  assertMatch((await names(folder, "free", "bob")).err, /No key owns the name bob here/);
  for (const args of [[], ["free"], ["list", "bob"], ["list", "--now"], ["free", "a", "b"]]) {
    const { code, err } = await names(folder, ...args);
    assertEquals(code, 2);
    assertMatch(err, /Expected names list/);
  }
});
