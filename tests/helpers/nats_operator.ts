/** A NATS server whose users prove themselves with `.creds`: an operator, an account and users, made on the spot. */

import { createAccount, createOperator, createUser, type KeyPair } from "@nats-io/nkeys";

/** Nothing is limited. */
const LIMITS = {
  ...{ subs: -1, data: -1, payload: -1, imports: -1, exports: -1, conn: -1, leaf: -1 },
  ...{ wildcards: true, mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 },
};

/** An operator with one account for everybody, and one for the NATS server itself. */
export class NatsOperator {
  readonly #operator = createOperator();
  readonly #account = createAccount();
  readonly #system = createAccount();

  /** The lines for a NATS server's configuration. */
  get config(): string {
    const [account, system] = [this.#account, this.#system].map((pair) => ({
      id: pair.getPublicKey(),
      jwt: sign(this.#operator, pair, { type: "account", limits: LIMITS }),
    }));
    return `
      operator: "${sign(this.#operator, this.#operator, { type: "operator" })}"
      system_account: ${system?.id}
      resolver: MEMORY
      resolver_preload: {
        ${account?.id}: "${account?.jwt}"
        ${system?.id}: "${sign(this.#operator, this.#system, { type: "account", limits: {} })}"
      }
    `;
  }

  /**
   * A user's credentials, as `nsc` writes them into a file.
   *
   * @param subjects that it may publish and subscribe to
   */
  credentials(subjects: readonly string[]): string {
    const user = createUser();
    const allowed = { allow: subjects };
    const jwt = sign(this.#account, user, {
      ...{ type: "user", pub: allowed, sub: allowed },
      ...{ subs: -1, data: -1, payload: -1 },
    });
    const seed = new TextDecoder().decode(user.getSeed());
    return `-----BEGIN NATS USER JWT-----
${jwt}
------END NATS USER JWT------

-----BEGIN USER NKEY SEED-----
${seed}
------END USER NKEY SEED------
`;
  }
}

function sign(issuer: KeyPair, subject: KeyPair, nats: Record<string, unknown>): string {
  const encode = (value: unknown) => encodeBytes(new TextEncoder().encode(JSON.stringify(value)));
  const claims = {
    ...{ jti: crypto.randomUUID(), iat: Math.floor(Date.now() / 1000) },
    ...{ iss: issuer.getPublicKey(), sub: subject.getPublicKey(), name: "test" },
    nats: { ...nats, version: 2 },
  };
  const text = `${encode({ typ: "JWT", alg: "ed25519-nkey" })}.${encode(claims)}`;
  return `${text}.${encodeBytes(issuer.sign(new TextEncoder().encode(text)))}`;
}

function encodeBytes(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
