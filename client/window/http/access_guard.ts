import { timingSafeEqual } from "node:crypto";

/** Which part of a request made the window refuse it. */
export type AccessRefusal = "host" | "origin" | "token";

const COOKIE_NAME = "mim";
const encoder = new TextEncoder();

/**
 * Decides who may see the window. Every program on this machine, and every page in the browser, can
 * reach the port. A request therefore has to name this host, must not come from another page, and has
 * to show the token of the start address or the cookie that was given for it.
 *
 * Browsers send a cookie to every port of its host. The cookie is therefore bound to a path that
 * nobody else knows, so that other servers on this machine do not get it.
 */
export class AccessGuard {
  /** The folder of the window; part of the secret. */
  readonly path = `/${createSecret()}/`;
  readonly #host: string;
  readonly #token = createSecret();
  readonly #cookie = createSecret();
  readonly #singleUseTokens = new Set<string>();

  constructor(port: number) {
    this.#host = `127.0.0.1:${port}`;
  }

  /** The address to open; valid until the program ends. */
  get address(): string {
    return `http://${this.#host}/?token=${this.#token}`;
  }

  /** An address that is valid once, because others can see it among a program's arguments. */
  createSingleUseAddress(): string {
    const token = createSecret();
    this.#singleUseTokens.add(token);
    return `http://${this.#host}/?token=${token}`;
  }

  /** Checks host and origin; undefined if the request may be served. */
  checkOrigin(request: Request): AccessRefusal | undefined {
    if (request.headers.get("host") !== this.#host) return "host";
    const origin = request.headers.get("origin");
    if (origin !== null && origin !== `http://${this.#host}`) return "origin";
    return undefined;
  }

  /** Whether a page of this window asks. Browsers let any page open a WebSocket to any host. */
  isFromPage(request: Request): boolean {
    return request.headers.get("origin") === `http://${this.#host}`;
  }

  /** The cookie for a token; undefined if the token is wrong. */
  redeemToken(token: string | null): string | undefined {
    if (token === null) return undefined;
    const singleUse = [...this.#singleUseTokens].find((each) => isSame(each, token));
    if (singleUse === undefined && !isSame(token, this.#token)) return undefined;
    if (singleUse !== undefined) this.#singleUseTokens.delete(singleUse);
    return `${COOKIE_NAME}=${this.#cookie}; Path=${this.path}; HttpOnly; SameSite=Strict`;
  }

  hasCookie(request: Request): boolean {
    const cookies = (request.headers.get("cookie") ?? "").split(/; ?/);
    return cookies.some((each) => isSame(each, `${COOKIE_NAME}=${this.#cookie}`));
  }
}

/** 128 random bits. */
function createSecret(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}

/** Compares in constant time. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [encoder.encode(one), encoder.encode(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
