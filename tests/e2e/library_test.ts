import { assert, assertEquals, assertMatch } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { PublicKey } from "../../mod.ts";
import { identityOf } from "../../protocol/mod.ts";
import { IdentityFile } from "../../client/storage/mod.ts";
import { newIdentity } from "../fixtures/keys.ts";
import { TestProcess } from "../helpers/process.ts";
import { TempFolder } from "../helpers/disk.ts";
import { TestEnvironment } from "../helpers/test_environment.ts";

const ROOT = new URL("../../", import.meta.url);
const GUIDE = await Deno.readTextFile(new URL("client/docs/library.md", ROOT));

/** Programs that need no server. */
const EXAMPLES = ["actions.ts", "files.ts", "rooms.ts"];

/** The block of the library's guide that holds the text. */
function blockWith(text: string): string {
  const blocks = [...GUIDE.matchAll(/```\w+[^\n]*\n(.*?)```/gs)].map(([, block = ""]) => block);
  const found = blocks.find((block) => block.includes(text));
  if (found === undefined) throw new Error(`expected a block with ${text} in library.md`);
  return found;
}

/** A project of its own, outside of this one, with the programs of the guide. */
class Project implements Disposable {
  readonly #temp = new TempFolder();

  constructor() {
    const root = decodeURIComponent(ROOT.pathname).replace(/\/$/, "");
    this.#write("deno.json", blockWith('"links"').replace("../mim", root));
    this.#write("bot.ts", blockWith("startBot(address: string"));
    this.#write("send.ts", blockWith("openStore("));
    this.#write("serve.ts", blockWith("MimServer.listen("));
    this.#write("uptime.ts", blockWith("PublicKey.parse("));
    this.#write("actions.ts", blockWith('waitFor("edited"'));
    this.#write("files.ts", blockWith("sendFile(new Blob"));
    this.#write("rooms.ts", blockWith("rooms.create("));
    this.#write("bot_test.ts", blockWith("Deno.test("));
  }

  get path(): string {
    return this.#temp.path;
  }

  /** Runs a command of Deno there. */
  async run(...args: string[]): Promise<{ readonly success: boolean; readonly output: string }> {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args,
      cwd: this.path,
      env: { NO_COLOR: "1" },
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { success, output: `${out}${err}` };
  }

  /** Starts a program as the guide says, with other arguments. */
  start(program: string, ...args: string[]): TestProcess {
    const [, ...command] = this.#here(blockWith(`${program} `)).trim().split(" ");
    const options = command.slice(0, command.indexOf(program));
    const all = [...options, `${this.path}/${program}`, ...args];
    return new TestProcess({ name: program, command: Deno.execPath(), args: all });
  }

  [Symbol.dispose](): void {
    this.#temp[Symbol.dispose]();
  }

  #write(name: string, text: string): void {
    Deno.writeTextFileSync(`${this.path}/${name}`, this.#here(text));
  }

  /** Programs are not started in the folder: its name stands before what they keep there. */
  #here(text: string): string {
    return text.replaceAll(/\b(bot|send|server|uptime)\.data\b/g, `${this.path}/$1.data`);
  }
}

Deno.test("library.md: its programs check in another project, and its test passes there", async () => {
  using project = new Project();
  const checked = await project.run(
    "check",
    "bot.ts",
    "send.ts",
    "serve.ts",
    "uptime.ts",
    ...EXAMPLES,
    "bot_test.ts",
  );
  assert(checked.success, checked.output);
  for (const example of EXAMPLES) {
    const ran = await project.run("run", "--no-check", "--allow-read", "--allow-write", example);
    assert(ran.success, `${example}: ${ran.output}`);
  }
  const tested = await project.run("test", "--no-check", "--allow-read", "--allow-write");
  assert(tested.success, tested.output);
});

Deno.test("packages: each entry point checks in another project, with strict options of its own", async () => {
  using project = new Project();
  const compilerOptions = {
    strict: true,
    noUncheckedIndexedAccess: true,
    noImplicitOverride: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    verbatimModuleSyntax: true,
  };
  const { links } = JSON.parse(await Deno.readTextFile(`${project.path}/deno.json`));
  await Deno.writeTextFile(
    `${project.path}/deno.json`,
    JSON.stringify({ links, compilerOptions }),
  );
  const entries = Object.keys(config.exports).map((name) => name.replace(".", config.name));
  const imports = entries.map((name, at) => `import * as entry${at} from "${name}";`);
  const uses = entries.map((_, at) => `console.log(Object.keys(entry${at}).length > 0);`);
  await Deno.writeTextFile(`${project.path}/all.ts`, [...imports, ...uses, ""].join("\n"));
  const checked = await project.run("check", "--all", "all.ts");
  assert(checked.success, checked.output);
  const { success, output } = await project.run("run", "--no-check", "all.ts");
  assert(success, output);
  assertEquals(output.trim().split("\n"), entries.map(() => "true"));
});

Deno.test("library.md: its bot runs with its command and its key, and answers", async () => {
  using project = new Project();
  await using env = TestEnvironment.real();
  const { server, at } = env.serve({ data: `${project.path}/server.data` });
  await using bot = project.start("bot.ts", `${at.hostname}:${at.port}`);
  await bot.waitFor("online as bot");
  const key = await new IdentityFile(`${project.path}/bot.data`).read();
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

Deno.test("library.md: its bot for one key has ten lines, and runs a command for that key alone", async () => {
  assert(blockWith("PublicKey.parse(").trim().split("\n").length <= 10);
  using project = new Project();
  await using env = TestEnvironment.real();
  const { at } = env.serve({ data: `${project.path}/server.data` });
  const owner = newIdentity();
  await using _bot = project.start("uptime.ts", `${at.hostname}:${at.port}`, `${owner.publicKey}`);
  const ada = env.user("ada", at, undefined, { identity: owner });
  await ada.login();
  const chat = await ada.call("uptime");
  await chat.send("uptime");
  await ada.saw("message", { name: "uptime", text: /^up for \d+ s$/ });
  for (const identity of [newIdentity(), undefined]) {
    const eve = env.user("eve", at, undefined, { identity });
    await eve.login();
    const refused = await eve.call("uptime");
    await refused.send("uptime").catch(() => {});
    await eve.saw("chat-closed");
    assertEquals(eve.events.all.filter(({ event }) => event === "message"), []);
    await eve.quit();
  }
});

Deno.test("library.md: its server serves, and its sender waits for someone and delivers", async () => {
  using project = new Project();
  await using server = project.start("serve.ts", "0");
  const [port = ""] = /\d+$/.exec(await server.waitFor(/^listening on port /)) ?? [];
  const at = { hostname: "127.0.0.1", port: Number(port) };
  await using sender = project.start("send.ts", `127.0.0.1:${port}`, "bob", "hello, bob");
  await using env = TestEnvironment.real();
  const bob = env.user("bob", at, undefined, { identity: newIdentity() });
  await bob.login();
  await bob.saw("message", { name: "sender", text: "hello, bob" });
  await sender.waitFor(`delivered to ${bob.publicKey?.tag}`);
  assertEquals(await sender.exitCode(), 0);
});
