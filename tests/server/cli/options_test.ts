import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseServerOptions, SERVER_HELP } from "../../../server/cli/options.ts";
import { UsageError } from "../../../server/platform/cli/flags.ts";

Deno.test("without options the server needs nothing to be told", () => {
  assertEquals(parseServerOptions([]), {
    help: false,
    version: false,
    hostname: undefined,
    port: 4242,
    advertise: undefined,
    announce: false,
    noAnnounce: false,
    title: undefined,
    welcome: undefined,
    data: undefined,
    config: undefined,
    claimDays: undefined,
    strictNames: false,
    keysOnly: false,
    noLobby: false,
    classic: false,
    workers: undefined,
    fullTable: undefined,
    failover: undefined,
    classicTable: undefined,
    cluster: undefined,
    clusterName: undefined,
    clusterCredentials: undefined,
    clusterTls: false,
    maxUsers: undefined,
    maxPerAddress: undefined,
    maxRate: undefined,
    metrics: undefined,
    status: undefined,
    log: "info",
    logFormat: "text",
  });
});

Deno.test("every option is taken, with a space or an equals sign", () => {
  const flags = parseServerOptions(
    ("--hostname [::1] --port=0 --advertise mim.example --no-announce --title Lab --welcome w.txt --data d --config c --max-users 5 " +
      "--claim-days 30 --strict-names --keys-only --no-lobby --workers 2 --full-table=3 --classic-table 4 " +
      "--cluster nats://h:1 --cluster-name lab --cluster-credentials f --cluster-tls " +
      "--max-per-address=0 --max-rate 7 --metrics [::1]:9 --status 5 --log debug --log-format json")
      .split(" "),
  );
  assertEquals(flags, {
    help: false,
    version: false,
    hostname: "::1",
    port: 0,
    advertise: "mim.example",
    announce: false,
    noAnnounce: true,
    title: "Lab",
    welcome: "w.txt",
    data: "d",
    config: "c",
    claimDays: 30,
    strictNames: true,
    keysOnly: true,
    noLobby: true,
    classic: false,
    workers: 2,
    fullTable: 3,
    failover: undefined,
    classicTable: 4,
    cluster: "nats://h:1",
    clusterName: "lab",
    clusterCredentials: "f",
    clusterTls: true,
    maxUsers: 5,
    maxPerAddress: 0,
    maxRate: 7,
    metrics: { hostname: "::1", port: 9 },
    status: 5,
    log: "debug",
    logFormat: "json",
  });
});

Deno.test("--failover is taken without --cluster", () => {
  assertEquals(parseServerOptions(["--failover", "5"]).failover, 5);
});

const WRONG: readonly (readonly [string, string])[] = [
  ["--prot 1", "Unknown option --prot"],
  ["-x", "Unknown option -x"],
  ["--advertise a:b:c", 'Option --advertise must be HOST or HOST:PORT, got "a:b:c"'],
  ["--announce --no-announce", "Expected --announce or --no-announce, got both"],
  ["--classic --keys-only", "Expected --classic or --keys-only, got both"],
  ["--cluster nats://127.0.0.1 --failover 10", "Expected --cluster or --failover, got both"],
  ["--port", "Option --port needs a value"],
  ["--port=", "Option --port needs a value"],
  ["--port 65536", "from 0 to 65535"],
  ["--port -1", 'Option --port must be a number from 0 to 65535, got "-1"'],
  ["--port --title x", "Option --port needs a value"],
  ["--port ", "Option --port needs a value"],
  ["--hostname 127.0.0.1:80", 'Option --hostname must be an address without a port, got "127'],
  ["--hostname [::1]:80", "an address without a port"],
  ["--port 42x", 'got "42x"'],
  ["--max-users many", "Option --max-users must be a number"],
  ["--max-rate -1", 'Option --max-rate must be a number from 0 to 1000000000, got "-1"'],
  ["--metrics 9090x", "Option --metrics must be ADDR:PORT"],
  ["--metrics localhost", "Option --metrics must be ADDR:PORT"],
  ["--metrics :65536", 'a port from 0 to 65535, got ":65536"'],
  ["-5", "Unknown option -5"],
  ["-- --port -1", 'Unexpected argument "--port"'],
  ["--log loud", "Option --log must be one of trace, debug, info, warning, error, fatal"],
  ["--log-format xml", "Option --log-format must be one of text, json"],
  ["4242", 'Unexpected argument "4242"'],
];

for (const [line, message] of WRONG) {
  Deno.test(`"${line}" is a mistake that is named`, () => {
    assertThrows(() => parseServerOptions(line.split(" ")), UsageError, message);
  });
}

Deno.test("--help names every option", () => {
  for (const option of ["hostname", "port", "title", "welcome", "data", "max-users"]) {
    assertStringIncludes(SERVER_HELP, `--${option}`);
  }
  for (
    const option of [
      "max-per-address",
      "max-rate",
      "metrics",
      "status",
      "log",
      "log-format",
      "help",
      "version",
    ]
  ) {
    assertStringIncludes(SERVER_HELP, `--${option}`);
  }
});
