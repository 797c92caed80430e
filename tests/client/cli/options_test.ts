import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  CLIENT_HELP,
  type ClientOptions,
  parseClientOptions,
  withConfig,
} from "../../../client/cli/options.ts";
import { userName } from "../../../client/app/login_options.ts";
import { UsageError } from "../../../server/platform/cli/flags.ts";

const DEFAULTS: ClientOptions = {
  task: { type: "chat" },
  server: undefined,
  otherServers: [],
  serverNamed: false,
  name: undefined,
  listen: {},
  data: undefined,
  keepsHistory: true,
  downloads: undefined,
  plain: false,
  json: false,
  mayHost: true,
  discovers: true,
  again: false,
  classic: false,
};

/** A server on the command line is to be there: nobody hosts one in its place. */
function named(hostname: string, port: number): Partial<ClientOptions> {
  return { server: { hostname, port }, serverNamed: true, mayHost: false };
}

const GOOD: readonly (readonly [args: readonly string[], differs: Partial<ClientOptions>])[] = [
  [[], {}],
  [["--server", "mim.example"], named("mim.example", 4242)],
  [["--server=192.0.2.1:7000"], named("192.0.2.1", 7000)],
  [["--server", "[::1]:4242"], named("::1", 4242)],
  [["--server", "::1"], named("::1", 4242)],
  [["--name", "Ada L."], { name: "Ada L." }],
  [["--name", "  ada "], { name: "ada" }],
  [["--name=-x"], { name: "-x" }],
  [["--listen", "192.0.2.7"], { listen: { hostname: "192.0.2.7", port: 0 } }],
  [["--listen", "192.0.2.7:5000"], { listen: { hostname: "192.0.2.7", port: 5000 } }],
  [["--listen", "[::]:5000"], { listen: { hostname: "::", port: 5000 } }],
  [["--listen", ":5000"], { listen: { port: 5000 } }],
  [["--data", "/some/folder"], { data: "/some/folder" }],
  [["--no-history"], { keepsHistory: false }],
  [["--plain"], { plain: true }],
  [["--json"], { json: true }],
  [["--no-host"], { mayHost: false }],
  [["--no-discover"], { discovers: false }],
  [["--again"], { again: true }],
  [["--classic"], { classic: true }],
  [["--help"], { task: { type: "help" } }],
  [["--version"], { task: { type: "version" } }],
  [["--help", "send"], { task: { type: "help" } }],
  [["window"], { task: { type: "window", opens: true, stays: false } }],
  [["window", "--no-open", "--keep"], { task: { type: "window", opens: false, stays: true } }],
  [["who"], { task: { type: "who" } }],
  [["doctor"], { task: { type: "doctor" } }],
  [["servers"], { task: { type: "servers" } }],
  [["history", "export", "bob"], { task: { type: "history", who: "bob", format: "text" } }],
  [["history", "export", "bob", "--format", "json"], {
    task: { type: "history", who: "bob", format: "json" },
  }],
  [["who", "--json"], { task: { type: "who" }, json: true }],
  [["key", "export", "copy"], { task: { type: "key", way: "export", file: "copy" } }],
  [["key", "import", "-"], { task: { type: "key", way: "import", file: "-" } }],
  [["send", "bob"], { task: { type: "send", to: "bob", text: undefined } }],
  [["send", "bob", "hello"], { task: { type: "send", to: "bob", text: "hello" } }],
  [["send", "bob", "lunch", "at", "12"], {
    task: { type: "send", to: "bob", text: "lunch at 12" },
  }],
  [["send", "7", "7"], { task: { type: "send", to: "7", text: "7" } }],
  [["send", "bob", "--", "--no", "-1"], { task: { type: "send", to: "bob", text: "--no -1" } }],
  [["--name", "ada", "send", "bob", "x"], {
    name: "ada",
    task: { type: "send", to: "bob", text: "x" },
  }],
  [["send", "bob,carol", "--queue", "--wait", "5", "--timeout", "30", "hi"], {
    task: {
      type: "send",
      to: "bob,carol",
      text: "hi",
      options: { queues: true, waitSeconds: 5, timeoutSeconds: 30 },
    },
  }],
  [["ask", "bot", "what", "time?"], {
    task: { type: "ask", to: "bot", text: "what time?", seconds: undefined },
  }],
  [["ask", "bot", "time", "--timeout", "3"], {
    task: { type: "ask", to: "bot", text: "time", seconds: 3 },
  }],
  [["follow"], { task: { type: "follow", who: undefined } }],
  [["follow", "bob", "--json"], { task: { type: "follow", who: "bob" }, json: true }],
  [["send", `bob#${"0".repeat(64)}`, "hi"], {
    task: { type: "send", to: `bob#${"0".repeat(64)}`, text: "hi" },
  }],
  [["wait", "bob"], { task: { type: "wait", who: "bob", seconds: undefined } }],
  [["wait", "bob", "--timeout", "30"], { task: { type: "wait", who: "bob", seconds: 30 } }],
  [["--timeout", "0", "wait", "bob"], { task: { type: "wait", who: "bob", seconds: 0 } }],
];

for (const [args, differs] of GOOD) {
  Deno.test(`options: ${JSON.stringify(args)}`, () => {
    assertEquals(parseClientOptions(args), { ...DEFAULTS, ...differs });
  });
}

const BAD: readonly (readonly [args: readonly string[], message: string])[] = [
  [["--nonsense"], "Unknown option --nonsense"],
  [["-x"], "Unknown option -x"],
  [["send", "bob", "-5"], "Unknown option -5"],
  [["--hosts"], "Unknown option --hosts"],
  [["--server"], "Option --server needs a value"],
  [["--server="], "Option --server needs a value"],
  [
    ["--server", "a b"],
    'Expected HOST, HOST:PORT or [IPv6]:PORT with a port of at most 65535, got "a b"',
  ],
  [["--server", "host:x"], 'got "host:x"'],
  [["--server", "host:65536"], 'got "host:65536"'],
  [["--name"], "Option --name needs a value"],
  [["--name", ""], "Option --name needs a value"],
  [["--name", "   "], "This name can't be used: expected a name of 1 to 64 characters, got 0"],
  [
    ["--name", "n".repeat(65)],
    "This name can't be used: expected a name of 1 to 64 characters, got 65",
  ],
  [
    ["--name", "a\x1bb"],
    "This name can't be used: expected a name of visible characters, got U+001B",
  ],
  [["--listen"], "Option --listen needs a value"],
  [["--listen", ":70000"], "with a port of at most 65535"],
  [["--listen", "x:y:z"], "Expected --listen ADDR, ADDR:PORT or :PORT"],
  [["--listen", "x:99999"], "with a port of at most 65535"],
  [["--listen", "5555"], "Expected --listen ADDR, ADDR:PORT or :PORT"],
  [["send", "bob", ""], "Expected a text to send, got an empty one"],
  [["send", "bob", " ", ""], "Expected a text to send, got an empty one"],
  [["--data"], "Option --data needs a value"],
  [["--timeout", "5"], "--timeout is an option of the commands wait, send and ask"],
  [["--timeout", "5", "who"], "--timeout is an option of the commands wait, send and ask"],
  [["receive", "bob"], 'Expected receive or receive #ROOM, got "bob"'],
  [["receive", "#lab", "x"], 'Expected receive or receive #ROOM, got "x"'],
  [["--queue", "who"], "--queue and --wait are options of the command send"],
  [["wait", "bob", "--wait", "5"], "--queue and --wait are options of the command send"],
  [["--plain", "--json"], "Expected --plain or --json, got both"],
  [["--plain", "--json", "who"], "Expected --plain or --json, got both"],
  [["ask"], "Expected a name and a text"],
  [["ask", "bot"], "Expected a name and a text"],
  [["ask", "bot", " "], "Expected a text to send, got an empty one"],
  [["follow", "bob", "carol"], 'Expected one name, got "carol" too'],
  [["wait", "bob", "--timeout"], "Option --timeout needs a value"],
  [
    ["wait", "bob", "--timeout", "soon"],
    'Option --timeout must be a number from 0 to 2000000, got "soon"',
  ],
  [["wait", "bob", "--timeout", "-1"], 'a number from 0 to 2000000, got "-1"'],
  [["wait", "bob", "--timeout", "1.5"], 'got "1.5"'],
  [["wait", "bob", "--timeout", "2000001"], 'got "2000001"'],
  [["dance"], "Unknown command dance"],
  [["doctor", "bob"], 'Expected nothing after doctor, got "bob"'],
  [["who", "bob", "eve"], 'Expected one name, got "eve" too'],
  [["send"], "Expected a name: send NAME"],
  [["wait"], "Expected a name: wait NAME"],
  ...[["send", "bob#abc"], ["send", "ada,bob#", "hi"], ["ask", "bob#ni4a-hvpq", "hi"]].map((
    args,
  ) => [args, "Expected a whole key of 64 hexadecimal digits behind # in"] as const),
  ...["data", "downloads", "into", "file"].flatMap((option) =>
    [[`--${option}`, ""], [`--${option}=`]].map((args) =>
      [["send", "bob", ...args], `Option --${option} needs a value`] as const
    )
  ),
  [["send", "bob", "--file", "a.txt", ""], "Expected a path, got an empty one"],
  [["key", "export", ""], "Expected a file, got an empty path"],
  [["wait", `bob#${"0".repeat(63)}`], "got 63 characters"],
  [["follow", `bob#${"0".repeat(65)}`], "got 65 characters"],
  [["wait", "bob", "eve"], 'Expected one name, got "eve" too'],
];

for (const [args, message] of BAD) {
  Deno.test(`options: ${JSON.stringify(args)} is a usage error`, () => {
    assertThrows(() => parseClientOptions(args), UsageError, message);
  });
}

Deno.test("options: a number as long as timers count is a number", () => {
  const { task } = parseClientOptions(["wait", "bob", "--timeout", "2000000"]);
  assert(task.type === "wait" && (task.seconds ?? 0) * 1000 < 2 ** 31);
});

Deno.test("options: a name is trimmed and checked", () => {
  assertEquals(userName("  Zoë 😀 "), "Zoë 😀");
  assertThrows(() => userName("\u202Eexe"), UsageError, "U+202E");
});

Deno.test("options: the help names every option and command, and fits a terminal", () => {
  const options = ["server", "name", "listen", "data", "no-history", "plain", "no-host"];
  for (const option of options) assertStringIncludes(CLIENT_HELP, `  --${option}`);
  for (
    const option of [
      "--json",
      "--no-discover",
      "--again",
      "--classic",
      "--downloads",
      "--file",
      "receive",
      "--from",
      "--into",
      "--once",
      "--timeout",
      "--queue",
      "--wait",
      "--no-open",
      "--keep",
      "--version",
    ]
  ) {
    assertStringIncludes(CLIENT_HELP, option);
  }
  for (
    const command of [
      "who, doctor, servers",
      "send NAME",
      "ask NAME TEXT",
      "follow [NAME]",
      "wait NAME",
      "window",
      "key export|import",
    ]
  ) {
    assertStringIncludes(CLIENT_HELP, `  ${command}`);
  }
  const lines = CLIENT_HELP.split("\n");
  assert(lines.length < 24, "and the shell's prompt below it");
  for (const line of lines) assert(line.length <= 80, line);
});

Deno.test("options: what they leave open is as the config says", () => {
  const config = { server: "mim.example:7000", name: " ada ", listen: ":5000" };
  const server = { hostname: "mim.example", port: 7000 };
  const filled = withConfig(parseClientOptions([]), config);
  assertEquals(filled, {
    ...DEFAULTS,
    server,
    serverNamed: true,
    name: "ada",
    listen: { port: 5000 },
    mayHost: false,
  });
  const given = parseClientOptions(["--server", "::1", "--name", "bob", "--listen", "192.0.2.7"]);
  assertEquals(withConfig(given, config), given);
  assertEquals(withConfig(parseClientOptions([]), {}), DEFAULTS);
});

Deno.test("options: a link names a server and its key, and never goes with classic MIM", () => {
  const key = new Uint8Array(32);
  const link = `mim://mim.example:7000#${"A".repeat(43)}`;
  const server = { hostname: "mim.example", port: 7000, key };
  for (
    const filled of [
      withConfig(parseClientOptions(["--server", link]), { server: "other.example" }),
      withConfig(parseClientOptions([]), { server: link }),
    ]
  ) {
    assertEquals([filled.server, filled.serverNamed, filled.mayHost], [server, true, false]);
  }
  for (
    const [args, config] of [
      [["--classic", "--server", link], {}],
      [["--classic"], { server: `mim.example,${link}` }],
    ] as const
  ) {
    assertThrows(() => withConfig(parseClientOptions(args), config), UsageError, "got both");
  }
  assertThrows(() => parseClientOptions(["--server", link.slice(0, -1)]), UsageError, "cut off");
});

Deno.test("options: several servers have commas between them", () => {
  const one = { hostname: "a.example", port: 4242 };
  const other = { hostname: "::1", port: 7000 };
  const { server, otherServers } = parseClientOptions(["--server", "a.example, [::1]:7000"]);
  assertEquals([server, otherServers], [one, [other]]);
  const configured = withConfig(parseClientOptions([]), { server: "a.example,[::1]:7000" });
  assertEquals([configured.server, configured.otherServers], [one, [other]]);
  const given = withConfig(parseClientOptions(["--server", "::1"]), { server: "a.example,b" });
  assertEquals(given.otherServers, []);
});

Deno.test("options: a server that was only remembered as the usual one may be run here", () => {
  const hosts = (args: string[], server: string) =>
    withConfig(parseClientOptions(args), { server }).mayHost;
  assertEquals(hosts([], "localhost"), true);
  assertEquals(hosts([], "localhost:4242"), true);
  assertEquals(hosts([], "localhost:4243"), false);
  assertEquals(hosts([], "mim.example"), false);
  assertEquals(hosts(["--no-host"], "localhost"), false);
  assertEquals(hosts(["--server", "localhost"], "localhost"), false);
});

Deno.test("a fixed port of the config file is for those who are called, not for commands", () => {
  const listen = (args: string) =>
    withConfig(parseClientOptions(args.split(" ").filter(Boolean)), { listen: "192.0.2.1:7000" })
      .listen;
  for (const args of ["", "window", "doctor"]) {
    assertEquals(listen(args), { hostname: "192.0.2.1", port: 7000 }, args);
  }
  for (const args of ["who", "send bob hello", "wait bob"]) {
    assertEquals(listen(args), { hostname: "192.0.2.1" }, args);
    assertEquals(listen(`${args} --listen :7001`), { port: 7001 }, args);
  }
});

Deno.test("what can be no server's address is a usage error in plain words", () => {
  const servers = ["mim.example:0", "[::1]:0", "::::bad", "a..b", ".", "a b", "mim.example:99999"];
  for (const server of servers) {
    const error = assertThrows(() => parseClientOptions(["--server", server]), UsageError);
    assertEquals(/^Expected [\s\S]*65535/.test(error.message), true, error.message);
  }
});
