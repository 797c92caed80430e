// What protocol/ may use of node:crypto: what gives the same output for the same input. Nothing that
// makes random bytes or keys is here. Shapes as in Node's documentation.

declare module "node:crypto" {
  interface Hash {
    update(data: Uint8Array): Hash;
    copy(): Hash;
    digest(): Uint8Array<ArrayBuffer>;
  }
  interface Cipher {
    setAAD(data: Uint8Array, options: { plaintextLength: number }): Cipher;
    update(data: Uint8Array): Uint8Array<ArrayBuffer>;
    final(): Uint8Array<ArrayBuffer>;
    getAuthTag(): Uint8Array<ArrayBuffer>;
  }
  interface Decipher {
    setAuthTag(tag: Uint8Array): Decipher;
    setAAD(data: Uint8Array, options: { plaintextLength: number }): Decipher;
    update(data: Uint8Array): Uint8Array<ArrayBuffer>;
    final(): Uint8Array<ArrayBuffer>;
  }
  interface KeyObject {
    export(options: { format: "der"; type: "spki" }): Uint8Array<ArrayBuffer>;
  }
  interface PublicJwk {
    key: { kty: "OKP"; crv: string; x: string };
    format: "jwk";
  }
  type ChaCha = "chacha20-poly1305";
  interface ChaChaOptions {
    authTagLength: number;
  }
  export function createHash(name: "sha256" | "sha512"): Hash;
  export function createCipheriv(
    name: ChaCha,
    key: Uint8Array,
    nonce: Uint8Array,
    options: ChaChaOptions,
  ): Cipher;
  export function createDecipheriv(
    name: ChaCha,
    key: Uint8Array,
    nonce: Uint8Array,
    options: ChaChaOptions,
  ): Decipher;
  export function createPrivateKey(pem: string): KeyObject;
  export function createPublicKey(key: PublicJwk | KeyObject): KeyObject;
  export function diffieHellman(
    keys: { privateKey: KeyObject; publicKey: KeyObject },
  ): Uint8Array<ArrayBuffer>;
  export function hkdfSync(
    name: "sha256",
    secret: Uint8Array,
    salt: Uint8Array,
    info: Uint8Array,
    length: number,
  ): ArrayBuffer;
  export function sign(algorithm: null, data: Uint8Array, key: KeyObject): Uint8Array<ArrayBuffer>;
  export function verify(
    algorithm: null,
    data: Uint8Array,
    key: KeyObject,
    signature: Uint8Array,
  ): boolean;
}
