import { assert, assertEquals, assertMatch } from "@std/assert";
import { IdentityFile } from "../../client/storage/mod.ts";
import { PublicKey } from "../../mod.ts";
import { identityOf } from "../../protocol/mod.ts";
import { newIdentity } from "../fixtures/keys.ts";
import { TestProcess } from "../helpers/process.ts";
import { TempFolder } from "../helpers/disk.ts";
import { TestEnvironment } from "../helpers/test_environment.ts";

const ROOT = new URL("../../", import.meta.url);

/** The block of the library's guide that holds the text. */
async function blockWith(text: string): Promise<string> {
  const guide = await Deno.readTextFile(new URL("client/docs/library.md", ROOT));
  const blocks = [...guide.matchAll(/```\w+[^\n]*\n(.*?)```/gs)].map(([, block = ""]) => block);
  const found = blocks.find((block) => block.includes(text));
  if (found === undefined) throw new Error(`expected a block with ${text} in library.md`);
  return found;
}

Deno.test("library.md: its bot runs in a folder of its own, with its command and its key, and answers", async () => {
  using temp = new TempFolder();
  const folder = temp.path;
  const here = (text: string) => text.replaceAll("bot.data", `${folder}/bot.data`);
  const config = (await blockWith('"links"')).replace(
    "../mim",
    decodeURIComponent(ROOT.pathname).replace(/\/$/, ""),
  );
  await Deno.writeTextFile(`${folder}/deno.json`, config);
  const code = await blockWith("bot.subscribe");
  assert(code.split("\n").filter((line) => line !== "").length <= 20, "twenty lines");
  await Deno.writeTextFile(`${folder}/bot.ts`, here(code));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", `${folder}/bot.ts`],
    env: { NO_COLOR: "1" },
    stdout: "null",
  }).output();
  assert(success, new TextDecoder().decode(stderr)); // in a project with the compiler's defaults
  await using env = TestEnvironment.real();
  const { server, at } = env.serve({ data: `${folder}/server` });
  const address = `${at.hostname}:${at.port}`;
  const [, ...args] = here(await blockWith("deno run")).trim()
    .replace("bot.ts", `${folder}/bot.ts`).replace("192.0.2.7", address).split(" ");
  await using bot = new TestProcess({ name: "bot", command: Deno.execPath(), args });
  await bot.waitFor("online as bot");
  const key = await new IdentityFile(`${folder}/bot.data`).read();
  assert(key !== undefined);

  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  await ada.login();
  const chat = await ada.call("bot");
  assertEquals([chat.security, chat.identity], ["new", new PublicKey(identityOf(key))]);
  await chat.send("who");
  await ada.saw("message", { name: "bot", text: "online: bot, ada" });

  const classic = env.user("carl", at);
  await classic.login();
  await (await classic.call("bot")).send("time\nhello");
  const { message } = await classic.saw("message", { name: "bot", text: /^\d/ });
  assertMatch(message.text, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  await classic.saw("message", { text: 'you said: hello; ask me "who" or "time"' });
  await server.close();
  await bot.waitForError(/^the server closed the connection: /);
  assertEquals(await bot.exitCode(), 1);
});
