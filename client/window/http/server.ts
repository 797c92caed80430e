import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { assetFor } from "./assets.ts";
import { AccessGuard } from "./access_guard.ts";
import { type HttpConnection, serveHttp } from "../../../server/platform/http/http_server.ts";
import { answerFileRequest, type WindowFileAccess, writeFileAnswer } from "./file_requests.ts";
import type { PageConnections } from "./page_connections.ts";
import { isOwnUser } from "./is_own_user.ts";
import { acceptWebSocket, ServerWebSocket } from "./web_socket.ts";

/** The largest message of a page: a request of the greatest length, as UTF-8. */
const MAX_MESSAGE_BYTES = 4_600_000;

/** Why somebody else may have had the window's address. */
export type AccessAlarm =
  /** The address in the browser's command line was asked for twice: everything is revoked. */
  | "used-twice"
  /** Another user of this machine asked for it, and got nothing. */
  | "other-user";

export interface WindowServer {
  readonly guard: AccessGuard;
  close(): Promise<void>;
}

interface Site {
  readonly guard: AccessGuard;
  readonly pages: Pick<PageConnections, "hasRoom" | "add" | "revoke">;
  readonly port: number;
  readonly isOwnUser: typeof isOwnUser;
  readonly onAlarm: (alarm: AccessAlarm) => void;
  readonly files?: WindowFileAccess;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Serves the window on 127.0.0.1 only, at a port that the system picks.
 *
 * @param onAlarm called when somebody else may have had the window's address
 */
export function serveWindow(
  pages: Site["pages"],
  onAlarm: (alarm: AccessAlarm) => void,
  options: {
    readonly isOwnUser?: typeof isOwnUser;
    readonly files?: WindowFileAccess;
  } = {},
): WindowServer {
  const http = serveHttp({
    onRequest: (request, response, from) => void respond(request, response, from, site),
    onUpgrade: (request, stream, from) => upgrade(request, stream, from, site),
  });
  const guard = new AccessGuard(http.port);
  const site: Site = { guard, pages, port: http.port, isOwnUser, onAlarm, ...options };
  return { guard, close: http.close };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  from: HttpConnection,
  site: Site,
): Promise<void> {
  if (await respondToFile(request, response, from, site)) return;
  let answer: Answer;
  try {
    answer = await answerTo(request, from, site);
  } catch {
    answer = refuse("Something went wrong", 500);
  }
  const { status, text, headers } = answer;
  response.writeHead(status, status === 200 ? headers : { ...headers, connection: "close" });
  response.end(text);
}

/** Answers what is about a file; false if it is about something else, or may not be asked. */
async function respondToFile(
  request: IncomingMessage,
  response: ServerResponse,
  from: HttpConnection,
  { guard, files }: Site,
): Promise<boolean> {
  const { headers, method, url = "/" } = request;
  const target = URL.parse(url, "http://127.0.0.1");
  const path = `${guard.path}files/`;
  const isMeant = files !== undefined && target?.pathname.startsWith(path) === true;
  const mayAsk = guard.checkOrigin(headers) === undefined && guard.hasCookie(headers) &&
    (method === "GET" || guard.isFromPage(headers));
  if (!isMeant || !mayAsk) return false;
  from.trust();
  const name = target.pathname.slice(path.length);
  const answer = await answerFileRequest(request, name, target.searchParams, files);
  writeFileAnswer(response, answer, headersFor(answer.type));
  return true;
}

async function answerTo(
  { headers, method, url = "/" }: IncomingMessage,
  from: HttpConnection,
  site: Site,
): Promise<Answer> {
  const { guard } = site;
  const refusal = guard.checkOrigin(headers);
  if (refusal !== undefined) return refuse(`expected another ${refusal}`);
  const target = URL.parse(url, "http://127.0.0.1");
  if (target === null) return refuse("expected a path", 400);
  if (method !== "GET") return refuse("expected GET", 405);
  if (target.pathname === "/") return await start(target.searchParams.get("token"), from, site);
  if (!target.pathname.startsWith(guard.path) || !guard.hasCookie(headers)) return NO_ACCESS;
  from.trust();
  const name = target.pathname.slice(guard.path.length);
  if (name === "socket") return refuse("expected a WebSocket", 426);
  if (name === "new-address") { // for a window that is started later
    const text = guard.createSingleUseAddress();
    return { status: 200, text, headers: headersFor("text/plain; charset=utf-8") };
  }
  const asset = assetFor(name, headers["accept-language"]);
  if (asset === undefined) return refuse("there is no such file", 404);
  return { status: 200, text: asset.text, headers: headersFor(asset.type) };
}

/** Answers a request for the start address. */
async function start(token: string | null, from: HttpConnection, site: Site): Promise<Answer> {
  const { guard, pages, port, onAlarm } = site;
  if (guard.checkToken(token) === "wrong") return NO_ACCESS;
  if (await site.isOwnUser(from.remote, { hostname: "127.0.0.1", port }) === false) {
    onAlarm("other-user");
    return NO_ACCESS;
  }
  switch (guard.checkToken(token)) { // meanwhile another request may have used it
    case "valid":
      from.trust();
      return startPage(guard, guard.redeemToken(token ?? ""));
    case "used":
      guard.revoke();
      pages.revoke();
      onAlarm("used-twice");
      return USED_TWICE;
    case "wrong":
      return NO_ACCESS;
  }
}

/**
 * The page itself, with the cookie. Its parts are in the folder of the cookie, and the page removes the
 * token from its address. A redirect to that folder would not work if the address was clicked on
 * another site: browsers then withhold a strict cookie.
 */
function startPage(guard: AccessGuard, cookie: string): Answer {
  const { type, text } = assetFor("") ?? { type: "text/plain", text: "" };
  const page = text.replace(/(href|src)="(?=\w+\.)/g, `$1="${guard.path}`);
  return { status: 200, text: page, headers: { ...headersFor(type), "set-cookie": cookie } };
}

function upgrade(
  { headers, method, url }: IncomingMessage,
  stream: Duplex,
  from: HttpConnection,
  { guard, pages }: Site,
): void {
  const key = headers["sec-websocket-key"];
  const isForSocket = method === "GET" && url === `${guard.path}socket` &&
    headers.upgrade?.toLowerCase() === "websocket" && headers["sec-websocket-version"] === "13";
  const mayEnter = guard.checkOrigin(headers) === undefined && guard.isFromPage(headers) &&
    guard.hasCookie(headers);
  if (!isForSocket || !mayEnter || !pages.hasRoom || key === undefined) {
    const status = isForSocket && mayEnter ? "503 Service Unavailable" : "403 Forbidden";
    return void stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }
  from.trust();
  stream.write(acceptWebSocket(key));
  pages.add(new ServerWebSocket(stream, MAX_MESSAGE_BYTES));
}

function refuse(text: string, status = 403): Answer {
  return { status, text, headers: headersFor("text/plain; charset=utf-8") };
}

const NO_ACCESS = refuse(
  "This is a MIM window. To see it, open the whole address that the program shows.",
);
const USED_TWICE = refuse(
  "Another program has used this address before your browser, or after it. MIM has closed all pages " +
    "of the window: open the new address that the program shows.",
);

function headersFor(type: string): Record<string, string> {
  return {
    "content-type": type,
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; " +
      "connect-src 'self'; img-src 'self' data:; manifest-src 'self'; base-uri 'none'; form-action 'none'; " +
      "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
  };
}
