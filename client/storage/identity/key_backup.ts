import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { identityOf } from "../../../protocol/mod.ts";
import { parseObject } from "./identity_file.ts";

/**
 * 128 MiB and some 0.4 s for each guess. The limits keep a hostile file from using all memory, and from
 * giving the passphrase away to anyone who reads the next backup.
 */
const COST = { N: 2 ** 17, r: 8, p: 1 } as const;
const MIN_COST = 2 ** 14;
const MAX_COST = 2 ** 20;
/** Lengths in bytes. */
const SALT_LENGTH = 16;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
const KEY_LENGTH = 32;

/** The passphrase is wrong, or the backup was changed. */
export class WrongPassphraseError extends Error {
  override readonly name = "WrongPassphraseError";
}

/**
 * A backup of a private key, useless without the passphrase: one line of JSON.
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
  const [salt, nonce] = [randomBytes(SALT_LENGTH), randomBytes(NONCE_LENGTH)];
  const header = headerOf(
    identityOf(key).toHex(),
    COST,
    salt.toString("hex"),
    nonce.toString("hex"),
  );
  const cipher = createCipheriv("chacha20-poly1305", await derive(passphrase, salt, COST), nonce, {
    authTagLength: TAG_LENGTH,
  });
  cipher.setAAD(bytesOf(header), { plaintextLength: key.length });
  const sealed = [cipher.update(key), cipher.final(), cipher.getAuthTag()];
  return JSON.stringify({ ...header, sealed: sealed.map((part) => part.toString("hex")).join("") });
}

/**
 * The private key in a backup.
 *
 * @throws {SyntaxError} if it is no backup of a key
 * @throws {WrongPassphraseError}
 */
export async function openKeyBackup(copy: string, passphrase: string): Promise<Uint8Array> {
  const { header, cost, sealed } = parseKeyBackup(copy);
  const derived = await derive(passphrase, Uint8Array.fromHex(header.salt), cost);
  const nonce = Uint8Array.fromHex(header.nonce);
  const decipher = createDecipheriv("chacha20-poly1305", derived, nonce, {
    authTagLength: TAG_LENGTH,
  });
  decipher.setAAD(bytesOf(header), { plaintextLength: KEY_LENGTH });
  decipher.setAuthTag(sealed.subarray(KEY_LENGTH));
  const key = new Uint8Array(decipher.update(sealed.subarray(0, KEY_LENGTH)));
  try {
    decipher.final();
  } catch {
    throw new WrongPassphraseError("the passphrase is wrong, or the backup was changed");
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

/** The public part, in the order in which it is authenticated. */
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
 * Reads a backup without opening it.
 *
 * @throws {SyntaxError} if it is none, or of a newer version
 */
export function parseKeyBackup(copy: string): { header: Header; cost: Cost; sealed: Uint8Array } {
  const { mim, version, public: publicKey, kdf, N, r, p, cipher, salt, nonce, sealed } =
    parseObject(
      copy,
    );
  if (mim !== "key copy") {
    throw new SyntaxError("expected a backup that mim key export has written");
  }
  if (version !== 1 || kdf !== "scrypt" || cipher !== "chacha20-poly1305") {
    throw new SyntaxError("expected a backup of version 1; a newer MIM has made this one");
  }
  const cost = costOf(N, r, p);
  return {
    header: headerOf(
      hex(publicKey, KEY_LENGTH),
      cost,
      hex(salt, SALT_LENGTH),
      hex(nonce, NONCE_LENGTH),
    ),
    cost,
    sealed: Uint8Array.fromHex(hex(sealed, KEY_LENGTH + TAG_LENGTH)),
  };
}

function costOf(N: unknown, r: unknown, p: unknown): Cost {
  const isPower = typeof N === "number" && Number.isInteger(Math.log2(N));
  if (isPower && N >= MIN_COST && N <= MAX_COST && r === COST.r && p === COST.p) return { N, r, p };
  throw new SyntaxError(
    `expected scrypt's N from ${MIN_COST} to ${MAX_COST}, r ${COST.r} and p ${COST.p}`,
  );
}

function hex(value: unknown, length: number): string {
  const isHex = typeof value === "string" && value.length === 2 * length &&
    /^[0-9a-f]*$/.test(value);
  if (isHex) return value;
  throw new SyntaxError(
    `expected ${2 * length} hexadecimal digits in the backup, got something else`,
  );
}

function bytesOf(header: Header): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(header));
}

function derive(passphrase: string, salt: Uint8Array, { N, r, p }: Cost): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const options = { N, r, p, maxmem: 256 * N * r };
  scrypt(passphrase.normalize("NFKC"), salt, KEY_LENGTH, options, (error, key) => {
    if (error === null) resolve(key);
    else reject(error);
  });
  return promise;
}
