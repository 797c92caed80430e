import { ASSETS } from "./assets.ts";
import { AccessGuard } from "./access_guard.ts";
import type { PageConnections } from "./page_connections.ts";

export interface WindowServer {
  readonly guard: AccessGuard;
  close(): Promise<void>;
}

/** Serves the window on 127.0.0.1 only, at a port that the system picks. */
export function serveWindow(pages: PageConnections): WindowServer {
  const stop = new AbortController();
  let guard: AccessGuard | undefined;
  const server: Deno.HttpServer<Deno.NetAddr> = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    signal: stop.signal,
    onListen: () => {},
    onError: () => new Response("Something went wrong", { status: 500 }),
  }, (request) => answer(request, guard ??= new AccessGuard(server.addr.port), pages));
  guard = new AccessGuard(server.addr.port);
  return {
    guard,
    async close() {
      stop.abort();
      await server.finished;
    },
  };
}

function answer(request: Request, guard: AccessGuard, pages: PageConnections): Response {
  const refusal = guard.checkOrigin(request);
  if (refusal !== undefined) return refuse(`expected another ${refusal}`);
  const { pathname, searchParams } = new URL(request.url);
  if (request.method !== "GET") return refuse("expected GET", 405);
  if (pathname === "/") {
    const cookie = guard.redeemToken(searchParams.get("token"));
    return cookie === undefined ? refuse(NO_ACCESS) : startPage(guard, cookie);
  }
  if (!pathname.startsWith(guard.path) || !guard.hasCookie(request)) return refuse(NO_ACCESS);
  const name = pathname.slice(guard.path.length);
  if (name === "socket") return openSocket(request, guard, pages);
  const asset = ASSETS.get(name);
  if (asset === undefined) return refuse("there is no such file", 404);
  return new Response(asset.text, { headers: headersFor(asset.type) });
}

const NO_ACCESS = "This is a MIM window. To see it, open the whole address that the program shows.";

function openSocket(request: Request, guard: AccessGuard, pages: PageConnections): Response {
  if (!guard.isFromPage(request)) return refuse("expected the window's own page");
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return refuse("expected a WebSocket", 426);
  }
  if (!pages.hasRoom) return refuse("too many pages are open", 503);
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 60 });
  pages.add(socket);
  return response;
}

/**
 * The page itself, with the cookie. Its parts are in the folder of the cookie, and the page removes the
 * token from its address. A redirect to that folder would not work if the address was clicked on
 * another site: browsers then withhold a strict cookie.
 */
function startPage(guard: AccessGuard, cookie: string): Response {
  const { type, text } = ASSETS.get("") ?? { type: "text/plain", text: "" };
  const page = text.replace(/(href|src)="(?=\w+\.)/g, `$1="${guard.path}`);
  return new Response(page, { headers: { ...headersFor(type), "set-cookie": cookie } });
}

function refuse(text: string, status = 403): Response {
  return new Response(text, { status, headers: headersFor("text/plain; charset=utf-8") });
}

function headersFor(type: string): Record<string, string> {
  return {
    "content-type": type,
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; " +
      "connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; " +
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
