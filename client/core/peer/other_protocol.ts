// deno-lint-ignore-file no-control-regex
/** First lines of programs that look what listens at a port, or take it for something else. */
const FIRST_LINES: readonly (readonly [string, RegExp])[] = [
  ["HTTP", /^(?:[A-Z]{3,20} \S+ HTTP\/|HTTP\/\d|PRI \* HTTP)/],
  ["HTTP", /^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|TRACE|PATCH|CONNECT) (?:\/|\*$|[a-z]+:)\S*$/],
  ["SSH", /^SSH-\d/],
  ["RTSP or SIP", /^(?:[A-Z_]+ \S+ )?(?:RTSP|SIP|ICAP)\/\d/],
  ["SMTP", /^(?:(?:EHLO|HELO|LHLO)(?: \S|$)|220[ -].*SMTP)/],
  ["IRC", /^(?:CAP (?:LS|REQ|END)\b|(?:PASS|NICK) (?=\S*[a-z_\d])\S+$|USER \S+ \S+ \S+ :|JOIN #)/],
  ["FTP", /^(?:220[ -].*FTP|USER [a-z_.@-]+$)/],
  ["IMAP", /^(?:\* OK\b|[a-z]\d+ (?:CAPABILITY|LOGIN|NOOP|STARTTLS|ID)\b)/i],
  ["POP3", /^(?:\+OK\b|CAPA$|STLS$|AUTH(?: [A-Z\d-]+)?$)/],
  ["XML", /^\s*<(?:\?xml|stream:stream|policy-file-request|!DOCTYPE|html)/i],
  ["JSON", /^(?:\{\s*"|\[\s*[{"])/],
  ["Redis", /^\*\d+$/],
  ["VNC", /^RFB \d{3}\.\d{3}$/],
  // TLS, RDP, SOCKS and other binary protocols begin with control characters.
  [
    "another protocol",
    /^(?:\p{Cc}{2}|[\x01-\x06\x0e-\x1a]|AMQP\b|GIOP\b|JDWP-Handshake|MGLNDD_|TNMP|DmdT|GNUTELLA |DIST\d{8})/u,
  ],
  // Probes of scanners that look for any service that answers.
  [
    "another protocol",
    /^(?:\?|HELP|QUIT|NOOP|PING|STATS?|INFO|VERSION|SERVERSTATUS|SUBSCRIBE|QUERY)$/i,
  ],
];

/** The protocol that a caller's first line belongs to; undefined if it can be a name. */
export function otherProtocol(line: string): string | undefined {
  return FIRST_LINES.find(([, pattern]) => pattern.test(line))?.[0];
}
