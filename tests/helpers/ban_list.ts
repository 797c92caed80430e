import type { AccessRules } from "../../server/mod.ts";

/** The bans of a server in memory, as its access file has them on a disk. */
export class BanList {
  /** Each as its kind and whom it means, as in `names eve`. */
  readonly entries = new Set<string>();
  readonly #admins: readonly string[];

  /** @param admins the keys of the server's admins in hex */
  constructor(admins: readonly string[]) {
    this.#admins = admins;
  }

  readonly onBan = (
    kind: string,
    who: string,
    isBanned: boolean,
  ): Promise<AccessRules | undefined> => {
    const entry = `${kind} ${who}`;
    if (this.entries.has(entry) === isBanned) return Promise.resolve(undefined);
    if (isBanned) this.entries.add(entry);
    else this.entries.delete(entry);
    const of = (kind: string) =>
      [...this.entries].filter((ban) => ban.startsWith(kind))
        .map((ban) => ban.slice(kind.length + 1));
    return Promise.resolve({
      admins: this.#admins,
      ban: { keys: of("keys"), names: of("names"), networks: of("networks") },
    });
  };
}
