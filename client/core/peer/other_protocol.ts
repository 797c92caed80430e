// deno-lint-ignore-file no-control-regex
/** First lines of programs that look what listens at a port, or take it for something else. */
const FIRST_LINES: readonly (readonly [string, RegExp])[] = [
  ["HTTP", /^(?:[A-Z][A-Z-]{2,20} \S.* HTTP\/\d|HTTP\/\d)/],
  ["HTTP", /^[a-z-]{3,20} \S+ http\/\d\.\d\s*$/i],
  ["HTTP", /^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|TRACE|PATCH|CONNECT) (?:\/|\*$|[a-z]+:)\S*$/],
  ["SSH", /^SSH-\d/],
  ["RTSP or SIP", /^(?:[A-Z_]+ \S+ )?(?:RTSP|SIP|ICAP)\/\d/],
  ["the PROXY protocol", /^PROXY (?:TCP[46]|UNKNOWN)(?: |$)/],
  ["rsync", /^@RSYNCD:/],
  ["SMTP", /^(?:(?:EHLO|HELO|LHLO)(?: \S|$)|(?:MAIL FROM|RCPT TO):|220[ -].*SMTP)/],
  [
    "IRC",
    /^(?:CAP (?:LS|REQ|END)\b|(?:PASS|NICK) (?=\S*[a-z_\d])\S+$|USER \S+ \S+ \S+ :|JOIN #|:\S+ (?:NOTICE|PRIVMSG|\d{3}) )/,
  ],
  ["FTP", /^(?:220[ -].*FTP|USER [a-z_.@-]+$)/],
  ["IMAP", /^(?:\* (?:OK|BYE|PREAUTH)\b|[a-z]\d+ (?:CAPABILITY|LOGIN|NOOP|STARTTLS|ID)\b)/i],
  ["POP3", /^(?:\+OK\b|-ERR\b|CAPA$|STLS$|AUTH(?: [A-Z\d-]+)?$)/],
  ["XML", /^\s*<(?:\?xml|stream:stream|policy-file-request|!DOCTYPE|html)/i],
  ["JSON", /^(?:\{\s*"|\[\s*[{"])/],
  ["Redis", /^(?:\*\d+|\+PONG|CONFIG GET \S+|SLAVEOF \S+ \S+|CLIENT LIST)$/i],
  [
    "memcached",
    /^(?:(?:set|add|replace|append|prepend|cas) \S+ \d+ -?\d+ \d+|stats (?:items|slabs|settings|sizes)|flush_all)\b/,
  ],
  ["NATS", /^(?:CONNECT|INFO) \{/],
  ["Git", /^[\da-f]{4}git-[a-z-]+ /],
  ["VNC", /^RFB \d{3}\.\d{3}$/],
  // TLS, RDP, SOCKS and other binary protocols begin with control characters, LDAP and D-Bus with a letter before.
  [
    "another protocol",
    /^(?:[0Bl]?\p{Cc}{2}|[\x01-\x06\x0e-\x1a]|AMQP\b|GIOP\b|JDWP-Handshake|MGLNDD_|TNMP|DmdT|GNUTELLA |DIST\d{8})/u,
  ],
  [
    "another protocol",
    /\0\0|^(?:\x1b%-12345X|@PJL\b|ZBXD|JRMI|sqAYA|gkrellm \d|ICY \d{3}|MODE READER$|AUTHINFO )/,
  ],
  // A request ends with a protocol and its version, and a greeting begins so.
  ["another protocol", /^(?:< ?)?(?:[A-Z_-]+ \S+ )?[A-Z]{2,12}\/\d+\.\d+\b/],
  // Probes of scanners that look for any service that answers.
  [
    "another protocol",
    /^(?:\?|HELP|QUIT|NOOP|PING|STATS?|INFO|VERSION|SERVERSTATUS|SUBSCRIBE|QUERY|STOMP|CONNECT|COMMAND|RUOK|SRVR|MNTR|ISRO|\/W?)$/i,
  ],
];

/** The protocol that a caller's first line belongs to; undefined if it can be a name. */
export function otherProtocol(line: string): string | undefined {
  return FIRST_LINES.find(([, pattern]) => pattern.test(line))?.[0];
}
