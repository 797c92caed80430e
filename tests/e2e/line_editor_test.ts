import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { runArgs, startClient, startServer } from "../helpers/programs.ts";
import { TestTerminal } from "../helpers/terminal.ts";

// The terminal's reader is a native one that ends with the process, not with the test.
const settings = { sanitizeResources: false, sanitizeOps: false };
const [PASTE, END] = ["\x1b[200~", "\x1b[201~"];
/** What begins and what ends whatever the client draws. */
const [HOLD, SHOW] = ["\x1b[?2026h", "\x1b[?2026l"];

/** Ada at a terminal, in a chat with bob, whose events are read. */
async function inChat(
  test: (
    ada: TestTerminal,
    bob: ReturnType<typeof startClient>,
    address: string,
  ) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
) {
  const { process: server, address } = await startServer();
  await using _ = server;
  await using bob = startClient("bob", "--server", address, "--name", "bob");
  await bob.waitFor("logged-in\tbob");
  const args = [...runArgs("client"), "--server", address, "--name", "ada"];
  await using ada = new TestTerminal(args, 80, 24, Deno.execPath(), env);
  await ada.shows(/^Online: bob$/);
  ada.type("/talk bob\r");
  await ada.shows(/^You are talking to bob/);
  await bob.waitFor(/^chat-opened\tada\t/);
  await test(ada, bob, address);
}

/** Somebody more, who talks to ada. */
async function caller(name: string, address: string): Promise<ReturnType<typeof startClient>> {
  const client = startClient(name, "--server", address, "--name", name);
  await client.waitFor(/^online\tada\t/);
  await client.send("/talk ada");
  await client.waitFor(/^chat-opened\tada\t/);
  return client;
}

function ends(terminal: TestTerminal, line: string): Promise<void> {
  return terminal.until((lines) => lines.at(-1)?.endsWith(line) ?? false, `"${line}" at the end`);
}

Deno.test(
  "a paste is one message with its line breaks, and can be edited",
  settings,
  () =>
    inChat(async (ada, bob) => {
      ada.type(`${PASTE}/quit\rtwo ⏎\x1b[2J\r${END}`);
      await ends(ada, "> /quit⏎two ⏎␛[2J");
      ada.type("!\r");
      await bob.waitFor("message\tada\t/quit\\ntwo ⏎␛[2J!");
      ada.type(`${PASTE}one line\r${END}`);
      await ends(ada, "> one line");
      ada.type("\x1b\rand\\\rmore\r");
      await bob.waitFor("message\tada\tone line\\nand\\nmore");
    }),
);

Deno.test(
  "a long paste is a summary, and asked about",
  settings,
  () =>
    inChat(async (ada, bob) => {
      const lines = Array.from({ length: 23 }, (_, line) => `line ${line}`).join("\n");
      ada.type(PASTE + lines + END);
      await ada.shows(/^Paste of 23 lines: Enter sends it, Ctrl-C discards it$/);
      await ends(ada, "> [paste of 23 lines]");
      ada.type("\x03kept\r");
      await bob.waitFor("message\tada\tkept");
      ada.type(PASTE + lines + END + "\r");
      await bob.waitFor(/^message\tada\tline 0\\nline 1\\n.*line 22\t/);
    }),
);

Deno.test(
  "what comes from the keyboard at once is drawn at once, not a key at a time",
  settings,
  () =>
    inChat(async (ada, bob) => {
      for (const word of ["word ", "日本語 "]) {
        const text = word.repeat(1_500 / word.length) + "end";
        const before = ada.output.length;
        ada.type(text);
        await ends(ada, "end");
        const drawn = ada.output.slice(before).split("\x1b[?2026h").length - 1;
        assert(
          drawn < 100,
          `expected to be drawn with each chunk of the input, got ${drawn} times`,
        );
        ada.type("\r");
        await bob.waitFor(`message\tada\t${text}`);
      }
      ada.type("/nope at once\r");
      await ada.shows(/> \/nope at once$/);
    }),
);

Deno.test(
  "a paste that stalls acts only with its end, and Ctrl-C gives the keyboard back",
  settings,
  () =>
    inChat(async (ada, bob) => {
      ada.type(`${PASTE}one\rtwo\r`);
      await ada.shows(/^The paste has not ended yet; Ctrl-C ends it here$/);
      ada.type(`/who\rsecret\r/quit\rend${END}`);
      await ends(ada, "> one⏎two⏎/who⏎secret⏎/quit⏎end");
      ada.type("\r");
      await bob.waitFor("message\tada\tone\\ntwo\\n/who\\nsecret\\n/quit\\nend");
      const before = ada.output.length;
      ada.type(`${PASTE}half`);
      await ada.when(() => ada.output.includes("Ctrl-C ends it here", before), "that once more");
      ada.type("\x03");
      await ends(ada, "> half");
      ada.type(" a line\r");
      await bob.waitFor("message\tada\thalf a line");
    }),
);

Deno.test(
  "an escape sequence that comes in pieces is one",
  settings,
  () =>
    inChat(async (ada, bob) => {
      ada.type("part one\x1b");
      await delay(110);
      ada.type("\rpart two\x1b");
      await delay(120);
      ada.type("[200~A\rB");
      ada.type(`${END}\x1b[?62;22c\x1b]11;rgb:0/0/0\x07\x1b[`);
      await delay(80);
      ada.type("12;");
      await delay(80);
      ada.type("40R\r");
      await bob.waitFor("message\tada\tpart one\\npart twoA\\nB");
    }),
);

Deno.test(
  "sequences that are no keys leave nothing in the line, also in raw bytes",
  settings,
  () =>
    inChat(async (ada, bob) => {
      const sequences = [
        "\x1b(B\x1b%G\x1b#8\x1b[M !!", // character sets, alignment, the mouse
        "\x1b[\x0712;40R\x1bP1$r0m\x1b\\",
      ];
      for (const sequence of sequences) for (const char of `a${sequence}`) ada.type(char);
      ada.typeBytes([0x62, 0x9b, 0x31, 0x32, 0x3b, 0x34, 0x30, 0x52, 0x63]); // a raw CSI
      ada.typeBytes([0x9d, 0x31, 0x31, 0x3b, 0x78, 0x9c, 0x1b, 0x5b, 0x4d, 0x20, 0xe1, 0x21]);
      ada.type("\r");
      await bob.waitFor("message\tada\taabc");
    }),
);

Deno.test("arrow keys, Ctrl-R and Tab", settings, () =>
  inChat(async (ada, bob) => {
    ada.type("first\rsec\\\rond\rdraft\x1b[A");
    await ends(ada, "> sec⏎ond");
    ada.type("\x1b[A\x1b[A");
    await ends(ada, "> /talk bob");
    ada.type("\x1b[B\x1b[B\x1b[B");
    await ends(ada, "> draft");
    ada.type("\x12IRS");
    await ends(ada, "search: IRS → first");
    ada.type("\x07");
    await ends(ada, "> draft");
    ada.type("\x12irs\r");
    await ends(ada, "> first");
    ada.type("\x03@BO\t");
    await ends(ada, "> @bob");
    ada.type("you\r");
    await bob.waitFor("message\tada\t@bob you");
    ada.type("/ms\t\t");
    await ends(ada, "> /msg bob");
    ada.type("\x03/lo\t\t");
    await ada.shows(/^\/login +\/logout$/);
    await ends(ada, "> /log");
  }));

Deno.test(
  "a draft stays the newest line until it is sent or cleared",
  settings,
  () =>
    inChat(async (ada, bob) => {
      for (const keys of ["\x1b[D", "\t", "\x0c", "\x12\x1b", "\x1b1", "x\x7f"]) {
        ada.type("draft\x1b[A");
        await ends(ada, "> /talk bob");
        ada.type(keys);
        if (keys.endsWith("\x1b")) await delay(600); // Escape, and no Alt
        ada.type("\x1b[B");
        await ends(ada, "> draft");
        ada.type("\x03");
        await ends(ada, "bob>");
      }
      ada.type("draft\x1b[A\x15hello\r"); // another line goes first
      await bob.waitFor("message\tada\thello");
      ada.type("\x1b[A");
      await ends(ada, "> draft");
      ada.type("!\r");
      await bob.waitFor("message\tada\tdraft!");
    }),
);

for (const TERM of ["dumb", ""]) {
  Deno.test(
    `a terminal that is "${TERM}" gets lines, and no escape sequence`,
    settings,
    async () => {
      const { process: server, address } = await startServer();
      await using _ = server;
      const args = [`TERM=${TERM}`, Deno.execPath(), ...runArgs("client"), "--server", address];
      await using ada = new TestTerminal([...args, "--name", "ada"], 80, 24, "/usr/bin/env");
      await ada.shows(/^logged-in\s+ada$/);
      ada.type("/\x1b[Awho\x1bOP\x1b[?62;22c\x1b[\r");
      await ada.shows(/^users\s+1$/);
      ada.type("/quit\x1b\r");
      assertEquals(await ada.exitCode, 0);
      assert(!ada.output.includes("\x1b"), JSON.stringify(ada.output));
    },
  );
}

Deno.test(
  "a terminal without UTF-8 gets its own characters, and none is a control",
  settings,
  async () => {
    const { process: server, address } = await startServer();
    await using _ = server;
    await using bob = startClient("bob", "--server", address, "--name", "Zoë");
    await bob.waitFor("logged-in\tZoë");
    const args = [...runArgs("client"), "--server", address, "--name", "ada"];
    const env = { LC_ALL: "de_DE.ISO-8859-1" };
    await using ada = new TestTerminal(args, 80, 24, Deno.execPath(), env);
    await ada.shows(/^online\s+Zo\uFFFD/); // the test's terminal takes UTF-8 only
    ada.typeBytes([
      ...new TextEncoder().encode("/msg Zo"),
      0xeb,
      ..."\x20gr\xfc\xdfe\r".split("").map((char) => char.charCodeAt(0)),
    ]);
    await bob.waitFor(/^message\tada\tgrüße\t/);
    await bob.send("/msg ada Û31m д");
    await ada.shows(/^message\s+Zo\uFFFD\s+\uFFFD31m \?/);
    assert(!ada.output.includes("\x1b"), JSON.stringify(ada.output));
    ada.type("/quit\r");
    assertEquals(await ada.exitCode, 0);
  },
);

Deno.test(
  "an emoji is one character, also in a window of one column",
  settings,
  () =>
    inChat(async (ada, bob) => {
      ada.type("x👩‍👩‍👧‍👦\x7f\x7f\x7fy\r");
      await bob.waitFor("message\tada\ty");
      ada.type("👍");
      await ends(ada, "👍");
      ada.resize(1, 24);
      ada.type("a");
      await delay(300);
      ada.resize(80, 24);
      await ends(ada, "👍a");
      ada.type("\r");
      await bob.waitFor("message\tada\t👍a");
    }),
);

Deno.test(
  "a paste of thousands of characters is sent whole",
  settings,
  () =>
    inChat(async (ada, bob) => {
      for (const length of [4_000, 4_200]) {
        const text = Array.from(
          { length: length / 10 },
          (_, index) => `${index} world`.padEnd(10, "!"),
        )
          .join("");
        ada.type(PASTE + text + END);
        if (length > 4_096) await ends(ada, `[paste of ${length} characters]`);
        ada.type("\r");
        await bob.waitFor(`message\tada\t${text}`);
      }
    }),
);

Deno.test(
  "Alt and a digit go to the chat found number, and back",
  settings,
  () =>
    inChat(async (ada, bob, address) => {
      await using carol = await caller("carol", address);
      await carol.send("hello from carol");
      await ends(ada, "ada ▸ bob (1 more: carol 1)>");
      ada.type("half\x1b2");
      await ends(ada, "ada ▸ carol (1 more)> half");
      ada.type(" a line\r");
      await carol.waitFor("message\tada\thalf a line");
      ada.type("\x1b1to bob\r");
      await bob.waitFor("message\tada\tto bob");
      ada.type("\x1b9");
      await ada.shows(/^There is no chat 9; \/chats lists your chats$/);
      ada.type("\x1b2");
      await ends(ada, "ada ▸ carol (1 more)>");
      const once = ada.lines.filter((line) => line.includes("hello from carol"));
      assertEquals(once.length, 1, "what is on the screen is not shown again");
    }),
);

for (
  const [term, told] of [
    ["xterm-256color", "\x1b]9;carol: started a chat with you\x1b\\"],
    ["foot", "\x1b]777;notify;carol;started a chat with you\x1b\\"],
  ] as const
) {
  Deno.test(
    `the desktop is told where the user wants that, in ${term}`,
    settings,
    () =>
      inChat(async (ada, _bob, address) => {
        ada.type("/set notify on\r");
        await ada.shows(/^notify is on/);
        await using _carol = await caller("carol", address);
        await ada.when(() => ada.output.includes(told), "the notification");
      }, { TERM: term }),
  );
}

Deno.test(
  "nothing flickers: a message and the line below it are shown at once",
  settings,
  () =>
    inChat(async (ada, bob) => {
      for (const typed of ["half a line", " of more than one row".repeat(5), "👨‍👩‍👧 and 👋🏿"]) {
        ada.type(typed);
        await ada.until((lines) => lines.join("").endsWith(typed.trimEnd()), "what was typed");
        const whole = () => ada.output.lastIndexOf(SHOW) > ada.output.lastIndexOf(HOLD);
        await ada.when(whole, "the end of that");
        const before = ada.output.length;
        for (let count = 0; count < 10; count++) await bob.send(`message ${count} ${typed.length}`);
        await ada.shows(new RegExp(` bob: message 9 ${typed.length}$`));
        await ada.when(whole, "the end of that, too");
        const output = ada.output.slice(before);
        // deno-lint-ignore no-control-regex
        const blocks = output.match(/\x1b\[\?2026h[^]*?\x1b\[\?2026l/g) ?? [];
        const rest = blocks.reduce((rest, block) => rest.replace(block, ""), output);
        // deno-lint-ignore no-control-regex
        assert(!/[\r\n]|\x1b\[\d*[AJK]/.test(rest), JSON.stringify(rest));
        const told = blocks.filter((block) => block.includes("bob\x1b[m: message"));
        assertEquals(told.length, 10);
        for (const block of told) {
          assert(block.indexOf("\x1b[J") < block.indexOf(": message"), JSON.stringify(block));
          assert(block.lastIndexOf("ada") > block.indexOf(": message"), JSON.stringify(block));
          assertEquals(block.split("\x1b[J").length, 2, "erased once");
        }
      }
    }),
);

Deno.test(
  "a line longer than the screen, under a burst of messages",
  settings,
  () =>
    inChat(async (ada, bob) => {
      const long = Array.from({ length: 400 }, (_, word) => `w${word}`).join(" ") + " 世界";
      ada.type(PASTE + long + END);
      await ends(ada, "世界");
      for (let count = 0; count < 50; count++) await bob.send(`message ${count}`);
      await ada.shows(/ bob: message 49$/);
      const told = ada.lines.filter((line) => / bob: message \d+$/.test(line));
      assertEquals(
        told.map((line) => Number(/\d+$/.exec(line))),
        Array.from({ length: 50 }, (_, n) => n),
      );
      await ends(ada, "世界");
      ada.type("\r");
      await bob.waitFor(`message\tada\t${long}`);
      assert(ada.output.includes("\x1b[?2026h"));
    }),
);

for (const answers of [true, false]) {
  const how = answers ? "tells where its cursor is" : "tells nothing";
  Deno.test(
    `a resize of a terminal that ${how} loses no message`,
    settings,
    () =>
      inChat(async (ada, bob) => {
        ada.answers = answers;
        const words = Array.from({ length: 20 }, (_, index) => `word${index}`).join("-");
        ada.type(words);
        await ada.until((lines) => lines.join("").endsWith(words), "the typed line");
        for (const columns of [40, 100, 33, 80]) {
          ada.resize(columns, 24);
          await bob.send(`at ${columns}`);
          await ada.shows(new RegExp(` bob: at ${columns}$`));
          await ada.until((lines) => lines.join("").endsWith(words), `the line at ${columns}`);
        }
        for (const columns of [40, 100, 33, 80]) {
          await ada.shows(new RegExp(` bob: at ${columns}$`));
        }
        const once = (lines: string[]) =>
          lines.filter((line) => line.includes("word0")).length === 1;
        if (answers) await ada.until(once, "the line once");
      }),
  );
}

/** Runs a program, then shows how it leaves the terminal. */
function withState(...command: string[]): TestTerminal {
  const script = `sh -c 'echo PID $$; exec "$@"' sh "$@"; echo; stty -a; echo state shown`;
  return new TestTerminal(["-c", script, "bash", ...command], 200, 24, "bash");
}

async function assertSane(terminal: TestTerminal): Promise<void> {
  await terminal.shows(/^state shown$/);
  const words = terminal.lines.join(" ").split(/[\s;]+/);
  for (const word of ["icanon", "echo", "isig", "icrnl"]) assert(words.includes(word), word);
  const { output } = terminal;
  assert(output.lastIndexOf("\x1b[?2004l") > output.lastIndexOf("\x1b[?2004h"));
  assert(!terminal.output.includes("\x1b[?25l"));
}

for (const signal of ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGABRT", "SIGUSR1"] as const) {
  Deno.test(`${signal} leaves a sane terminal`, settings, async () => {
    const { process: server, address } = await startServer();
    await using _ = server;
    const args = [...runArgs("client"), "--server", address, "--name", "ada"];
    await using ada = withState(Deno.execPath(), ...args);
    await ada.shows(/^Online|^Nobody else/);
    ada.type("half");
    await ends(ada, "> half");
    const pid = ada.lines.map((line) => /^PID (\d+)$/.exec(line)?.[1]).find(Boolean);
    Deno.kill(Number(pid), signal);
    await assertSane(ada);
  });
}

for (
  const crash of ["throw new Error('crash')", "Promise.reject(new Error('crash'))", "Deno.exit(3)"]
) {
  Deno.test(`a crash leaves a sane terminal: ${crash}`, settings, async () => {
    const path = new URL("../../client/terminal/input/line_editor.ts", import.meta.url).href;
    const code = `const { LineEditor } = await import("${path}");
      const editor = new LineEditor({ interrupted() {}, erases: () => false });
      editor.prompt("> ");
      for await (const line of editor.lines) setTimeout(() => { ${crash} });`;
    await using terminal = withState(Deno.execPath(), "eval", code);
    await ends(terminal, ">");
    terminal.type("now\r");
    await assertSane(terminal);
  });
}

Deno.test(
  "/edit brings the last own message back into the line, and Tab lists messages with numbers",
  settings,
  () =>
    inChat(async (ada, bob) => {
      await bob.send("/talk ada");
      ada.type("lunch at noon?\r");
      await bob.waitFor(/^message\tada\tlunch at noon\?/);
      await bob.send("or tea?");
      await ada.shows(/bob: or tea\?$/);
      ada.type("/edit\r");
      await ends(ada, "> /edit 2 lunch at noon?");
      for (let count = 0; count < 5; count++) ada.type("\x7f");
      ada.type("one?\r");
      await bob.waitFor(/^edited\tada\tada\tlunch at one\?\t/);
      await ada.shows(/you edited: lunch at one\? \(was: lunch at noon\?\)$/);
      ada.type("/reply \t");
      await ada.shows(/^ 1 {2}bob: or tea\?$/);
      await ada.shows(/^ 2 {2}you: lunch at one\?$/);
      ada.type("1 tea\r");
      await ada.shows(/^> or tea\?$/);
      await bob.waitFor(/^message\tada\ttea\t/);
      await bob.send("/react 1 👍");
      await ada.shows(/bob reacted 👍: tea$/);
    }),
);
