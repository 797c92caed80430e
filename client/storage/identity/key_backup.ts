import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { identityOf } from "../../../protocol/mod.ts";
import { parseObject } from "./identity_file.ts";

/** 64 MiB and some 0.2 s for each guess. The bounds keep a hostile file from taking all memory. */
const COST = { N: 2 ** 16, r: 8, p: 1 } as const;
const MOST_COST = 2 ** 20;
const SALT = 16;
const NONCE = 12;
const TAG = 16;
const KEY = 32;

/** The passphrase is not the one that the copy was made with, or the copy was changed. */
export class WrongPassphraseError extends Error {
  override readonly name = "WrongPassphraseError";
}

/**
 * A copy of a private key that is of no use without the passphrase: one line of JSON.
 *
 * @example
 * ```ts
 * import { openKeyBackup, sealKeyBackup } from "./key_backup.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const key = crypto.getRandomValues(new Uint8Array(32));
 * const copy = await sealKeyBackup(key, "correct horse battery staple");
 * assertEquals(await openKeyBackup(copy, "correct horse battery staple"), key);
 * ```
 */
export async function sealKeyBackup(key: Uint8Array, passphrase: string): Promise<string> {
  const [salt, nonce] = [randomBytes(SALT), randomBytes(NONCE)];
  const header = headerOf(
    identityOf(key).toHex(),
    COST,
    salt.toString("hex"),
    nonce.toString("hex"),
  );
  const cipher = createCipheriv("chacha20-poly1305", await derive(passphrase, salt, COST), nonce, {
    authTagLength: TAG,
  });
  cipher.setAAD(bytesOf(header), { plaintextLength: key.length });
  const sealed = [cipher.update(key), cipher.final(), cipher.getAuthTag()];
  return JSON.stringify({ ...header, sealed: sealed.map((part) => part.toString("hex")).join("") });
}

/**
 * The private key in a copy.
 *
 * @throws {SyntaxError} where it is no copy of a key
 * @throws {WrongPassphraseError}
 */
export async function openKeyBackup(copy: string, passphrase: string): Promise<Uint8Array> {
  const { header, cost, sealed } = parseKeyBackup(copy);
  const derived = await derive(passphrase, Uint8Array.fromHex(header.salt), cost);
  const nonce = Uint8Array.fromHex(header.nonce);
  const decipher = createDecipheriv("chacha20-poly1305", derived, nonce, { authTagLength: TAG });
  decipher.setAAD(bytesOf(header), { plaintextLength: KEY });
  decipher.setAuthTag(sealed.subarray(KEY));
  const key = new Uint8Array(decipher.update(sealed.subarray(0, KEY)));
  try {
    decipher.final();
  } catch {
    throw new WrongPassphraseError("that is not the passphrase of this copy, or it was changed");
  }
  if (identityOf(key).toHex() !== header.public) {
    throw new SyntaxError("expected the public key that belongs to the private one, got another");
  }
  return key;
}

interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

type Header = ReturnType<typeof headerOf>;

/** All that is not secret, in the order in which it is authenticated. */
function headerOf(publicKey: string, { N, r, p }: Cost, salt: string, nonce: string) {
  return {
    mim: "key copy",
    version: 1,
    public: publicKey,
    kdf: "scrypt",
    N,
    r,
    p,
    cipher: "chacha20-poly1305",
    salt,
    nonce,
  } as const;
}

/**
 * What stands in a copy.
 *
 * @throws {SyntaxError} where it is none, or of a newer version
 */
export function parseKeyBackup(copy: string): { header: Header; cost: Cost; sealed: Uint8Array } {
  const { mim, version, public: publicKey, kdf, N, r, p, cipher, salt, nonce, sealed } =
    parseObject(
      copy,
    );
  if (mim !== "key copy") throw new SyntaxError("expected what mim key export writes");
  if (version !== 1 || kdf !== "scrypt" || cipher !== "chacha20-poly1305") {
    throw new SyntaxError("expected a copy of version 1: a newer MIM has made this one");
  }
  const cost = costOf(N, r, p);
  return {
    header: headerOf(hex(publicKey, KEY), cost, hex(salt, SALT), hex(nonce, NONCE)),
    cost,
    sealed: Uint8Array.fromHex(hex(sealed, KEY + TAG)),
  };
}

function costOf(N: unknown, r: unknown, p: unknown): Cost {
  const isPower = typeof N === "number" && Number.isInteger(Math.log2(N)) && N > 1;
  if (isPower && N <= MOST_COST && r === COST.r && p === COST.p) return { N, r, p };
  throw new SyntaxError(`expected scrypt's N up to ${MOST_COST}, r ${COST.r} and p ${COST.p}`);
}

function hex(value: unknown, length: number): string {
  const isHex = typeof value === "string" && value.length === 2 * length &&
    /^[0-9a-f]*$/.test(value);
  if (isHex) return value;
  throw new SyntaxError(
    `expected ${2 * length} hexadecimal digits in the copy, got something else`,
  );
}

function bytesOf(header: Header): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(header));
}

function derive(passphrase: string, salt: Uint8Array, { N, r, p }: Cost): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const options = { N, r, p, maxmem: 256 * N * r };
  scrypt(passphrase.normalize("NFKC"), salt, KEY, options, (error, key) => {
    if (error === null) resolve(key);
    else reject(error);
  });
  return promise;
}
