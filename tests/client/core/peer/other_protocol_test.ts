import { assertEquals } from "@std/assert";
import { otherProtocol } from "../../../../client/core/peer/other_protocol.ts";

/** First lines, which need no caller to be told from names. */
const OTHER_LINES: readonly (readonly [string, string])[] = [
  ["HTTP", "M-SEARCH * HTTP/1.1"],
  ["HTTP", "VERSION-CONTROL /a HTTP/1.1"],
  ["HTTP", "GET /a file with spaces HTTP/1.1"],
  ["HTTP", "get / http/1.0"],
  ["the PROXY protocol", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2"],
  ["the PROXY protocol", "PROXY TCP6 ::1 ::1 1 2"],
  ["the PROXY protocol", "PROXY UNKNOWN"],
  ["rsync", "@RSYNCD: 31.0"],
  ["RTSP or SIP", "OPTIONS / RTSP/1.0"],
  ["RTSP or SIP", "SIP/2.0 200 OK"],
  ["another protocol", "ICY 200 OK"],
  ["another protocol", "SOURCE /live ICE/1.0"],
  ["another protocol", "< NTP/1.2 >"],
  ["SMTP", "MAIL FROM:<a@example>"],
  ["IRC", ":irc.example NOTICE AUTH :hello"],
  ["memcached", "set a 0 0 1"],
  ["memcached", "stats items"],
  ["Redis", "CONFIG GET *"],
  ["Redis", "+PONG"],
  ["NATS", 'CONNECT {"verbose":false}'],
  ["Git", "0033git-upload-pack /a.git"],
  ["another protocol", "?\0\0\0admin.$cmd"],
  ["another protocol", "l\0\x0b\0"],
  ["another protocol", "0\x0c\x02\x01\x01`"],
  ["another protocol", "\0\0\0/\xffSMBr"],
  ["another protocol", "\x16\x03\x01\x02"],
  ["another protocol", "\x03\0\0*%\xe0Cookie: mstshash=nmap"],
  ["another protocol", "\x1b%-12345X@PJL INFO ID"],
  ["another protocol", "ZBXD"],
  ["another protocol", "CONNECT"],
];

Deno.test("first lines of other protocols are no names, and names are none of them", () => {
  for (const [protocol, line] of OTHER_LINES) assertEquals(otherProtocol(line), protocol, line);
  const names = [
    ...["PROXY", "Proxy Bob", "@bob", "RSYNCD", "get lucky", "set theory", "M-SEARCH", "ICY"],
    ...["Icy 7", "Sip", "add 1", "stats nerd", "Connect Four", "Bob/2", "AC/DC", "AC/DC 1"],
    ...["ada (work)", "0 K", "+1", "-Err-", "Zo\u00eb", "\u738b", "a/b", "I/O", "R2/D2", "TCP"],
    ...["HTTP", "http fan", "the http/2 fan", "x\x1b[31m"],
  ];
  for (const name of names) assertEquals(otherProtocol(name), undefined, name);
});
