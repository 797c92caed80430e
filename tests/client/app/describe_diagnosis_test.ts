import { assertEquals, assertMatch } from "@std/assert";
import { describeDiagnosis } from "../../../client/app/describe_diagnosis.ts";
import { ClientError, diagnose, type Diagnostics } from "../../../client/core/mod.ts";
import { refusalCodes } from "../../../protocol/mod.ts";

const WELL: Diagnostics = {
  server: { hostname: "mim.example", port: 4242 },
  reached: { hostname: "192.0.2.1", port: 4242 },
  serverKey: new Uint8Array(32),
  hasKey: true,
  clockAheadMs: 1_000,
  listener: { port: 50_000, isFixed: false },
  seenAs: { hostname: "192.0.2.7", port: 50_000 },
  reachability: "reachable",
  peers: [{ name: "bob", hostname: "192.0.2.8", port: 4000 }],
  notDialed: 0,
  os: "linux",
};

const refused = {
  name: "eve",
  hostname: "2001:db8::8",
  port: 4001,
  trouble: "nothing listens there",
};
const back = { ...refused, name: "bob", chat: "incoming" } as const;
const { serverKey: _, clockAheadMs: __, ...CLASSIC } = {
  ...WELL,
  reachability: "unknown" as const,
};
const { reached: ___, ...UNREACHED } = WELL;
const server = { hostname: "mim.example", port: 4242 };
const failure = new ClientError("server-unreachable", { server, reason: "no such host name" });
const full = new ClientError("server-refused", {
  server,
  name: "ada",
  end: { type: "rejected", code: refusalCodes["server full"], text: "" },
});
const { listener: ____, ...DEAF } = WELL;

const VERDICTS: readonly (readonly [
  what: string,
  facts: Diagnostics,
  problem: string | undefined,
  verdict: RegExp,
])[] = [
  ["nothing is wrong", WELL, undefined, /^all is well here$/],
  [
    "nothing is wrong as far as a classic server says",
    CLASSIC,
    undefined,
    /^all is well here; whether others can call you is not known: a classic server does not try; ask/,
  ],
  [
    "there is no key to be probed with",
    { ...WELL, hasKey: false, reachability: "unknown" },
    undefined,
    /not known: only a MIM\/2 server tries, and only clients with a key/,
  ],
  [
    "the server sees an address of one link",
    { ...WELL, reachability: "unknown", seenAs: { hostname: "fe80::7", port: 50_000 } },
    undefined,
    /not known: a server does not try addresses that count on one link alone; ask/,
  ],
  ["the server is not reached", { ...UNREACHED, failure }, "not-logged-in", /^Cannot reach/],
  [
    "the server refuses",
    { ...WELL, failure: full },
    "not-logged-in",
    /: the server is full; try again later$/,
  ],
  ["there is no listener", DEAF, "not-listening", /^this client does not listen/],
  [
    "the own listener is dead",
    { ...WELL, listener: { port: 50_000, isFixed: true, trouble: "nothing listens there" } },
    "listener-dead",
    /^your own listener at port 50000 does not answer on this machine: nothing listens there$/,
  ],
  [
    "the client listens at loopback",
    { ...WELL, listener: { hostname: "127.0.0.1", port: 50_000, isFixed: true } },
    "loopback-only",
    /^nobody on another machine can call you, since you listen at 127.0.0.1 alone$/,
  ],
  [
    "a firewall is in the way",
    { ...WELL, reachability: "unreachable" },
    "not-reachable",
    /^the server can't dial you at 192.0.2.7:50000: a firewall or a router is in the way/,
  ],
  [
    "nobody can be dialed",
    { ...WELL, peers: [refused, refused] },
    "peers-unreachable",
    /^none of 2 users can be dialed from here: /,
  ],
  [
    "the only one can't be dialed",
    { ...WELL, peers: [refused] },
    "peers-unreachable",
    /^eve can't be dialed from here: /,
  ],
  [
    "some can't be dialed",
    { ...WELL, peers: [...WELL.peers, refused] },
    undefined,
    /^all is well here, but 1 of 2 users can't be dialed$/,
  ],
  [
    "nobody can be dialed, and one has dialed back",
    { ...WELL, peers: [refused, back, refused] },
    "peers-unreachable",
    /^none of 3 users can be dialed from here \(a chat is open with 1 of them all the same\): /,
  ],
  [
    "the only one can't be dialed, and has dialed back",
    { ...WELL, peers: [back] },
    undefined,
    /^all is well here, but 1 of 1 users can't be dialed \(a chat is open with 1 of them all the same\)$/,
  ],
  [
    "some can't be dialed, of whom one has dialed back",
    { ...WELL, peers: [...WELL.peers, refused, back] },
    undefined,
    /^all is well here, but 2 of 3 users can't be dialed \(a chat is open with 1 of them all the same\)$/,
  ],
  [
    "the clock is behind",
    { ...WELL, clockAheadMs: -3_600_000 },
    "wrong-clock",
    /^this machine's clock is 60 minutes behind the server's: one of them is wrong$/,
  ],
  ["nobody else is there", { ...WELL, peers: [] }, undefined, /^all is well here$/],
];

for (const [what, facts, problem, verdict] of VERDICTS) {
  Deno.test(`diagnosis: ${what}`, () => {
    assertEquals(diagnose(facts)?.code, problem);
    const text = describeDiagnosis(facts, "terminal");
    assertMatch(text.verdict, verdict);
    for (const line of [text.verdict, ...text.findings]) {
      assertMatch(line, /^\S.*[^.\s]$/, "one line, and no full stop");
    }
  });
}

const describe = (facts: Diagnostics) => describeDiagnosis(facts, "terminal");

Deno.test("diagnosis: each thing that was looked at is said", () => {
  assertEquals(describe({ ...WELL, peers: [...WELL.peers, refused], notDialed: 3 }).findings, [
    "server: mim.example:4242 answers at 192.0.2.1:4242, and speaks MIM/2, with the key 0000000000000000000000000000000000000000000000000000000000000000",
    "own listener: port 50000 of every address answers",
    "seen from outside: 192.0.2.7:50000; the server has dialed you there",
    "clock: as the server's",
    "users: 1 of 2 can be dialed; 3 more were not dialed",
    "user eve at [2001:db8::8]:4001 can't be dialed: nothing listens there",
  ]);
  assertEquals(describe({ ...CLASSIC, peers: [] }).findings, [
    "server: mim.example:4242 answers at 192.0.2.1:4242, and speaks classic MIM: it proves nothing, " +
    "and does not try whether you can be called",
    "own listener: port 50000 of every address answers",
    "seen from outside: 192.0.2.7:50000; nobody has tried",
    "users: nobody else is online",
  ]);
  assertEquals(
    describe({ ...UNREACHED, failure, peers: [] }).findings[0],
    "server: mim.example:4242 was not reached",
  );
});

Deno.test("diagnosis: of whom can't be dialed it says why there is a chat all the same", () => {
  const left = { ...refused, name: "carol", chat: "outgoing" } as const;
  const { findings } = describe({ ...WELL, peers: [...WELL.peers, back, left] });
  assertEquals(findings.slice(-3), [
    "users: 1 of 3 can be dialed",
    "user bob at [2001:db8::8]:4001 can't be dialed: nothing listens there; a chat is open all the " +
    "same, since it has dialed you",
    "user carol at [2001:db8::8]:4001 can't be dialed: nothing listens there; the chat that is open " +
    "was dialed before",
  ]);
});

Deno.test("diagnosis: behind a firewall it names the commands, with the real port", () => {
  const { hints } = describe({ ...WELL, reachability: "unreachable" });
  assertEquals(hints, [
    "--listen :50000 keeps the port the same at each start; then open it:",
    "with ufw: sudo ufw allow 50000/tcp",
    "with firewalld: sudo firewall-cmd --permanent --add-port=50000/tcp && sudo firewall-cmd --reload",
    "behind a router at home, forward TCP port 50000 to this machine there, too",
  ]);
  const fixed = { ...WELL, listener: { port: 7000, isFixed: true } };
  assertEquals(describe({ ...fixed, reachability: "unreachable", os: "windows" }).hints, [
    "on Windows, as administrator: netsh advfirewall firewall add rule name=MIM dir=in action=allow " +
    "protocol=TCP localport=7000",
    "behind a router at home, forward TCP port 7000 to this machine there, too",
  ]);
  assertMatch(
    describe({ ...fixed, reachability: "unreachable", os: "darwin" }).hints.join(),
    /allow incoming connections to TCP port 7000,/,
  );
});
