import { timingSafeEqual } from "node:crypto";

/** Why a request is not served. */
export type AccessRefusal = "host" | "origin" | "token";

const COOKIE = "mim";
const encoder = new TextEncoder();

/**
 * Decides who may see the window. Everybody on this machine reaches the port, and so does every page
 * that the browser shows: so a request has to name this very host, no other page may have made it,
 * and it has to show the token of the start address, or the cookie that was given for it.
 *
 * Browsers send cookies to every port of a host. So the cookie belongs to a path that nobody else
 * knows: another server on this machine is not sent it.
 */
export class AccessGuard {
  /** The folder in which the window is; part of what is secret. */
  readonly path = `/${secret()}/`;
  readonly #host: string;
  readonly #token = secret();
  readonly #cookie = secret();
  /** Tokens that are good for one request. */
  readonly #once = new Set<string>();

  /** @param port where the window is served */
  constructor(port: number) {
    this.#host = `127.0.0.1:${port}`;
  }

  /** The address to open; good until the program ends. */
  get address(): string {
    return `http://${this.#host}/?token=${this.#token}`;
  }

  /** An address to open once: it may be seen by others, as a program's argument is. */
  addressForOnce(): string {
    const token = secret();
    this.#once.add(token);
    return `http://${this.#host}/?token=${token}`;
  }

  /** Why a request is not served at all; undefined where it may be. */
  refusal(request: Request): AccessRefusal | undefined {
    if (request.headers.get("host") !== this.#host) return "host";
    const origin = request.headers.get("origin");
    if (origin !== null && origin !== `http://${this.#host}`) return "origin";
    return undefined;
  }

  /** Whether a page of this window asks: a WebSocket is not bound to its own page by browsers. */
  isFromPage(request: Request): boolean {
    return request.headers.get("origin") === `http://${this.#host}`;
  }

  /** The cookie for who shows a token; undefined where it is not one. */
  cookieFor(token: string | null): string | undefined {
    if (token === null) return undefined;
    const once = [...this.#once].find((each) => same(each, token));
    if (once === undefined && !same(token, this.#token)) return undefined;
    if (once !== undefined) this.#once.delete(once);
    return `${COOKIE}=${this.#cookie}; Path=${this.path}; HttpOnly; SameSite=Strict`;
  }

  /** Whether a request shows the cookie. */
  isKnown(request: Request): boolean {
    const cookies = (request.headers.get("cookie") ?? "").split(/; ?/);
    return cookies.some((each) => same(each, `${COOKIE}=${this.#cookie}`));
  }
}

/** 128 bits that nobody can guess. */
function secret(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}

/** Compares without telling by the time it takes where two differ. */
function same(one: string, other: string): boolean {
  const [a, b] = [encoder.encode(one), encoder.encode(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
