import { ASSETS } from "./assets.ts";
import { AccessGuard } from "./access_guard.ts";
import type { PageConnections } from "./page_connections.ts";

/** A running server of the window. */
export interface WindowServer {
  readonly guard: AccessGuard;
  /** Stops it. */
  close(): Promise<void>;
}

/** Serves the window to this machine alone, at a port of the system's choosing. */
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
  const refusal = guard.refusal(request);
  if (refusal !== undefined) return refused(`expected another ${refusal}`);
  const { pathname, searchParams } = new URL(request.url);
  if (request.method !== "GET") return refused("expected GET", 405);
  if (pathname === "/") {
    const cookie = guard.cookieFor(searchParams.get("token"));
    return cookie === undefined ? refused(ASK) : entered(guard, cookie);
  }
  if (!pathname.startsWith(guard.path) || !guard.isKnown(request)) return refused(ASK);
  const name = pathname.slice(guard.path.length);
  if (name === "bridge") return bridge(request, guard, pages);
  const file = ASSETS.get(name);
  if (file === undefined) return refused("there is no such file", 404);
  return new Response(file.text, { headers: headers(file.type) });
}

const ASK =
  "This is somebody's MIM window. To see it, open the whole address that the program shows.";

function bridge(request: Request, guard: AccessGuard, pages: PageConnections): Response {
  if (!guard.isFromPage(request)) return refused("expected the window's own page");
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return refused("expected a WebSocket", 426);
  }
  if (!pages.haveRoom) return refused("too many pages are open", 503);
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 60 });
  pages.add(socket);
  return response;
}

/**
 * The page itself, right away: its parts and the bridge are in the folder that the cookie is for, and
 * there the page goes on, without the token in its address. (A redirect would come from wherever the
 * address was clicked, and browsers would hold a strict cookie back.)
 */
function entered(guard: AccessGuard, cookie: string): Response {
  const { type, text } = ASSETS.get("") ?? { type: "text/plain", text: "" };
  const page = text.replace(/(href|src)="(?=\w+\.)/g, `$1="${guard.path}`);
  return new Response(page, { headers: { ...headers(type), "set-cookie": cookie } });
}

function refused(text: string, status = 403): Response {
  return new Response(text, { status, headers: headers("text/plain; charset=utf-8") });
}

function headers(type: string): Record<string, string> {
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
