import {
  type Certificate,
  deleteOfAdd,
  encodeAdd,
  type LinkLogin,
  type Login,
} from "../../protocol/mod.ts";
import { add, remove, row, type Visit } from "./fake_server.ts";
import type { Wire } from "./peers.ts";
import type { Row, TableUser } from "./table_user.ts";

/** So rare that no test needs them. */
const PING_SECONDS = 3_600;

/** A login at a {@linkcode TableServer}, and the table that it was told. */
export class TableSession {
  readonly visit: Visit;
  readonly user: TableUser;
  /** How many pings were answered. */
  pongs = 0;
  readonly #login: Login | LinkLogin;
  #certificate: Certificate | undefined;
  /** The rows that were told, by session. */
  readonly #told = new Map<string, Row>();

  constructor(visit: Visit, user: TableUser, login: Login | LinkLogin) {
    this.visit = visit;
    this.user = user;
    this.#login = login;
    visit.session = user.session;
  }

  /** Its connection. */
  get wire(): Wire {
    return this.visit.wire;
  }

  /** Whether the client's table is as it was told. */
  get knows(): boolean {
    const known = [...this.user.users].map(({ details, ...user }) => asText(user, details));
    const told = [...this.#told.values()].map((row) =>
      asText(row, this.#isClassic ? undefined : row)
    );
    return known.sort().join("\n") === told.sort().join("\n");
  }

  /** Accepts the login. */
  async begin(sessions: readonly TableSession[]): Promise<void> {
    if (!this.#isClassic) await this.visit.say(this.visit.accepted(PING_SECONDS));
    await this.tell(sessions);
    if (!this.#isClassic) await this.visit.say({ type: "complete", rows: this.#told.size });
  }

  /** Tells what has changed since the last time. */
  async tell(sessions: readonly TableSession[]): Promise<void> {
    const { lie = (row: Row) => row } = this.user;
    const rows = new Map(
      sessions.filter((each) => each === this || !each.user.isHidden).map((each) =>
        [each.user.session.toHex(), each === this ? each.#row : lie(each.#row)] as const
      ),
    );
    const gone: Row[] = [];
    const come: Row[] = [];
    for (const [id, told] of this.#told) {
      const now = rows.get(id);
      if (now !== undefined && JSON.stringify(now) === JSON.stringify(told)) continue;
      this.#told.delete(id);
      gone.push(told);
    }
    for (const [id, now] of rows) {
      if (this.#told.has(id)) continue;
      this.#told.set(id, now);
      come.push(now);
    }
    if (this.#isClassic) {
      await this.wire.say(
        ...gone.map((row) => deleteOfAdd(encodeAdd(row))),
        ...come.map((row) => encodeAdd(row)),
      );
    } else await this.visit.say(...gone.map(remove), ...come.map((each) => add(row(each))));
  }

  get #isClassic(): boolean {
    return !("identity" in this.#login);
  }

  get #row(): Row {
    const { name, port } = this.#login;
    const identity = "identity" in this.#login ? this.#login.identity : new Uint8Array(0);
    const capabilities = "capabilities" in this.#login ? this.#login.capabilities : 0;
    const place = {
      ...{
        name,
        port,
        identity,
        capabilities,
        address: this.user.address,
        session: this.user.session,
      },
    };
    if (identity.length === 0 || !this.user.isCertified) {
      return { ...place, certificate: undefined };
    }
    const { server, serverTime } = this.visit;
    const certificate = this.#certificate ??= server.certify(name, identity, serverTime);
    return { ...place, certificate };
  }
}

/** What a client learns of a row; of a classic server, only the place. */
function asText(
  { name, address, port }: Pick<Row, "name" | "address" | "port">,
  details: Pick<Row, "identity" | "certificate" | "capabilities"> | undefined,
): string {
  const { identity, certificate, capabilities } = details ?? {};
  const { claimed, issued, signature } = certificate ?? {};
  const certified = [claimed, issued, signature?.toHex()];
  return [name, address, port, identity?.toHex(), capabilities, ...certified].join();
}
