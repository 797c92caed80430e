import { nameKey } from "../../protocol/mod.ts";
import type { Chat, Contact, Messenger, OnlineUser, Security } from "../core/mod.ts";
import type { ThreadFacts, ThreadStatus } from "../storage/mod.ts";

/** The user's own name and note for someone, and when they were seen. */
export interface PersonFacts {
  /** The user's own name for them; empty for none. */
  readonly alias: string;
  /** The user's own note about them; empty for none. */
  readonly note: string;
  /** When they were online last, in milliseconds since 1970; 0 if that is not known. */
  readonly lastSeen: number;
}

/** Someone who is known by a key, online or not. */
export interface KnownPerson extends PersonFacts {
  readonly contact: Contact;
  /** Their row of the table; undefined if they are offline. */
  readonly user: OnlineUser | undefined;
  /** How many messages to them wait in the outbox. */
  readonly waiting: number;
  /** The security of someone who is no contact. */
  readonly security?: Security;
}

/** The storage for these facts between runs. */
export interface FactsStore {
  facts(): ThreadFacts[];
  keepThread(status: ThreadStatus): void;
}

const NO_FACTS: PersonFacts = { alias: "", note: "", lastSeen: 0 };

/** Everyone who is known by a key, with what the user has written about them. */
export class People {
  readonly #messenger: Messenger;
  readonly #archive: FactsStore | undefined;
  /** By name; read when first needed. */
  #facts: Map<string, PersonFacts> | undefined;
  /** The contacts by key; many may go at once. */
  #nameByKey: Map<string, string> | undefined;

  constructor(messenger: Messenger, archive: FactsStore | undefined) {
    this.#messenger = messenger;
    this.#archive = archive;
  }

  /** Those who are known at this server: who is online first, then by name. */
  list(): KnownPerson[] {
    const presenceOf = this.#presences();
    const byName = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });
    return this.#messenger.trust.contacts.map((contact) => ({
      ...this.factsOf(contact.name),
      contact,
      ...presenceOf(contact.identity.toHex()),
    })).sort((one, other) =>
      Number(one.user === undefined) - Number(other.user === undefined) ||
      byName.compare(one.contact.name, other.contact.name)
    );
  }

  /**
   * The same people, and behind them others with a key whom the user has answered, or to whom messages wait.
   */
  listWithPeers(): KnownPerson[] {
    const { chats, outbox } = this.#messenger;
    const people = this.list();
    const presenceOf = this.#presences();
    const keys = new Set(people.map(({ contact }) => contact.identity.toHex()));
    const met: Pick<Chat, "name" | "identity" | "security">[] = [
      ...[...chats].filter(({ isStranger }) => isStranger !== true),
      ...outbox.map(({ name, identity }) => ({ name, identity, security: "unconfirmed" as const })),
    ];
    for (const { name, identity, security } of met) {
      const key = identity?.toHex();
      if (identity === undefined || key === undefined || keys.has(key)) continue;
      keys.add(key);
      people.push({
        ...NO_FACTS,
        contact: { server: "", name, identity, verified: false, since: 0 },
        security,
        ...presenceOf(key),
      });
    }
    return people;
  }

  /** Finds by a key in hex who is online, and how many messages wait for them. */
  #presences(): (key: string) => Pick<KnownPerson, "user" | "waiting"> {
    const { users, outbox } = this.#messenger;
    const online = new Map([...users].map((user) => [user.details?.identity.toHex() ?? "", user]));
    const waiting = Map.groupBy(outbox, ({ identity }) => identity?.toHex() ?? "");
    return (key) => ({ user: online.get(key), waiting: waiting.get(key)?.length ?? 0 });
  }

  factsOf(name: string): PersonFacts {
    return this.#all.get(name) ?? NO_FACTS;
  }

  /** The same for a user in the table, found by the key under any name. */
  factsOfUser({ details }: OnlineUser): PersonFacts {
    const name = details && this.#nameOf(details.identity);
    return name === undefined ? NO_FACTS : this.factsOf(name);
  }

  /** The names of the people with that alias. */
  named(alias: string): string[] {
    const key = nameKey(alias);
    if (key === "") return [];
    return [...this.#all].flatMap(([name, facts]) => nameKey(facts.alias) === key ? name : []);
  }

  /** The user's own names for people. */
  get aliases(): string[] {
    return [...this.#all.values()].flatMap(({ alias }) => alias === "" ? [] : [alias]);
  }

  /** Keeps something about a person, in this run at once, and for later runs a moment later. */
  set(name: string, facts: Partial<PersonFacts>): void {
    this.#all.set(name, { ...this.factsOf(name), ...facts });
    this.#archive?.keepThread({ thread: name, ...facts });
  }

  /** Someone is known by another name from now on: what was remembered is read anew. */
  reload(): void {
    this.#facts = undefined;
  }

  /** Notes when contacts were seen last. */
  update(event: { readonly type: string; readonly user?: OnlineUser }): void {
    if (event.type === "offline" && event.user !== undefined) this.#see(event.user);
    else if (event.type === "logged-out" || event.type === "disconnected") this.seeAll();
  }

  /** Those who are online are seen now: the program ends, or the table does. */
  seeAll(): void {
    for (const user of this.#messenger.users) this.#see(user);
  }

  #see({ own, details }: OnlineUser): void {
    if (own || details === undefined || details.identity.length === 0) return;
    const name = this.#nameOf(details.identity);
    if (name !== undefined) this.set(name, { lastSeen: Date.now() });
  }

  /** The name by which a key is known; the contacts are read once for all that is asked at once. */
  #nameOf(identity: Uint8Array): string | undefined {
    if (this.#nameByKey === undefined) queueMicrotask(() => this.#nameByKey = undefined);
    this.#nameByKey ??= new Map(
      this.#messenger.trust.contacts.map(({ identity, name }) => [identity.toHex(), name]),
    );
    return this.#nameByKey.get(identity.toHex());
  }

  get #all(): Map<string, PersonFacts> {
    return this.#facts ??= new Map(
      this.#archive?.facts().map(({ thread, alias, note, lastSeen }) => [
        thread,
        { alias, note, lastSeen },
      ]),
    );
  }
}
