/** The user's stored names for people. */
export interface StoredNames {
  /** The names of the people with that alias. */
  readonly withAlias: (alias: string) => readonly string[];
  /** The name by which someone is known who has gone by that other name. */
  readonly ofOtherName: (name: string) => string | undefined;
  /** The names in the history, and the aliases. */
  readonly all: () => readonly string[];
}

export const NO_STORED_NAMES: StoredNames = {
  withAlias: () => [],
  ofOtherName: () => undefined,
  all: () => [],
};
