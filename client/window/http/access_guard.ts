import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** Which part of a request made the window refuse it. */
export type AccessRefusal = "host" | "origin" | "token";

const COOKIE_NAME = "mim";
const encoder = new TextEncoder();

/** What opens the window; all of it is replaced if somebody else may have got at it. */
interface Secrets {
  /** The folder of the window. */
  readonly path: string;
  readonly token: string;
  readonly cookie: string;
}

/**
 * Decides who may see the window. Every program on this machine, and every page in the browser, can
 * reach the port. A request therefore has to name this host, must not come from another page, and has
 * to show the token of the start address or the cookie that was given for it.
 *
 * Browsers send a cookie to every port of its host. The cookie is therefore bound to a path that
 * nobody else knows, so that other servers on this machine do not get it.
 */
export class AccessGuard {
  readonly #host: string;
  #secrets = createSecrets();
  readonly #singleUseTokens = new Set<string>();
  readonly #usedTokens = new Set<string>();

  constructor(port: number) {
    this.#host = `127.0.0.1:${port}`;
  }

  /** The folder of the window. */
  get path(): string {
    return this.#secrets.path;
  }

  /** The address to open; valid until the program ends, or until everything is revoked. */
  get address(): string {
    return `http://${this.#host}/?token=${this.#secrets.token}`;
  }

  /** An address that is valid once, because others can see it among a program's arguments. */
  createSingleUseAddress(): string {
    const token = createSecret();
    this.#singleUseTokens.add(token);
    return `http://${this.#host}/?token=${token}`;
  }

  /** Checks host and origin; undefined if the request may be served. */
  checkOrigin({ host, origin }: IncomingHttpHeaders): AccessRefusal | undefined {
    if (host !== this.#host) return "host";
    if (origin !== undefined && origin !== `http://${this.#host}`) return "origin";
    return undefined;
  }

  /** Whether a page of this window asks. Browsers let any page open a WebSocket to any host. */
  isFromPage({ origin }: IncomingHttpHeaders): boolean {
    return origin === `http://${this.#host}`;
  }

  /** Whether a token is valid, or was: `used` if it was valid once, and has been redeemed. */
  checkToken(token: string | null): "valid" | "used" | "wrong" {
    if (token === null) return "wrong";
    const isOneOf = (tokens: Iterable<string>) => [...tokens].some((each) => isSame(each, token));
    if (isOneOf([this.#secrets.token, ...this.#singleUseTokens])) return "valid";
    return isOneOf(this.#usedTokens) ? "used" : "wrong";
  }

  /** The cookie for a valid token. One for a single use is used up. */
  redeemToken(token: string): string {
    if (this.#singleUseTokens.delete(token)) this.#usedTokens.add(token);
    const { cookie, path } = this.#secrets;
    return `${COOKIE_NAME}=${cookie}; Path=${path}; HttpOnly; SameSite=Strict`;
  }

  hasCookie({ cookie = "" }: IncomingHttpHeaders): boolean {
    const own = `${COOKIE_NAME}=${this.#secrets.cookie}`;
    return cookie.split(/; ?/).some((each) => isSame(each, own));
  }

  /** Makes every address, token and cookie so far invalid. */
  revoke(): void {
    this.#secrets = createSecrets();
    this.#singleUseTokens.clear();
    this.#usedTokens.clear();
  }
}

function createSecrets(): Secrets {
  return { path: `/${createSecret()}/`, token: createSecret(), cookie: createSecret() };
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
