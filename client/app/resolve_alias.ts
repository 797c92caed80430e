import { ClientError } from "../core/mod.ts";
import { nameKey, quote } from "../../protocol/mod.ts";
import { describeCandidate, formatQuery, keyOf, type UserCandidate } from "./user_query.ts";

/** Something with a name: a candidate, a contact, or no more than a name. */
export type NamedOne =
  & Pick<UserCandidate, "name" | "identity" | "details">
  & Partial<Pick<UserCandidate, "address" | "port">>;

/** Someone whom the user calls by an alias. */
export interface AliasedPerson {
  readonly name: string;
  /** The public key in hex; empty if it is not known here. */
  readonly key: string;
}

/** Whether two have the same name and the same key, or no key and the same address. */
export function isSamePerson(one: NamedOne, user: NamedOne): boolean {
  if (one.name !== user.name) return false;
  const key = keyOf(one);
  if (key !== "") return key === keyOf(user);
  return one.address === undefined || (keyOf(user) === "" && one.address === user.address);
}

/** Whether somebody is that person, under any name. */
export function isAliased(one: NamedOne, { key }: AliasedPerson): boolean {
  return key !== "" && keyOf(one) === key;
}

/**
 * The one person whom an alias means; undefined for nobody.
 *
 * @param named all who are called anything, among them those whose name is the alias
 * @throws {ClientError} `not-online` if several have it, or somebody else is called so
 */
export function resolveAlias(
  alias: string,
  people: readonly AliasedPerson[],
  named: readonly NamedOne[],
): AliasedPerson | undefined {
  const [person] = people;
  if (person === undefined) return undefined;
  const key = nameKey(alias);
  const namesakes = named.filter((one) =>
    nameKey(one.name) === key && !people.some((person) => isAliased(one, person))
  );
  if (people.length === 1 && namesakes.length === 0) return person;
  const words = new Set([
    ...people.map(({ name }) => `${formatQuery(name)}, whom you call ${quote(alias)}`),
    ...withoutMereNames(namesakes).map((one) => describe(one, namesakes)),
  ]);
  const message = `${alias} could mean ${listed([...words])}; say which one, or take the alias ` +
    `away with /alias ${formatQuery(person.name)}`;
  throw new ClientError("not-online", { reason: "ambiguous", name: alias }, { message });
}

/** Whoever is there is named with the address; of others the name is enough. */
function withoutMereNames(namesakes: readonly NamedOne[]): readonly NamedOne[] {
  const there = namesakes.filter(isPlaced);
  return there.length === 0 ? namesakes : there;
}

function describe(one: NamedOne, namesakes: readonly NamedOne[]): string {
  if (!isPlaced(one)) return formatQuery(one.name);
  return describeCandidate(one, namesakes.filter(isPlaced));
}

function isPlaced(one: NamedOne): one is UserCandidate {
  return one.address !== undefined && one.address !== "" && one.port !== undefined;
}

function listed(words: readonly string[]): string {
  return words.length === 1
    ? words.join()
    : `${words.slice(0, -1).join(", ")}, or ${words.at(-1) ?? ""}`;
}
