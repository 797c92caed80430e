import { applyEdits, modify, type Node, type ParseError, parseTree } from "jsonc-parser";
import { sanitizeText, shorten } from "../../protocol/mod.ts";
import {
  ACCESS_ENTRIES,
  type AccessKind,
  accessKindOf,
  type AccessRules,
  foldAccessEntry,
  isAccessEntry,
} from "../admission/mod.ts";
import { UsageError } from "../platform/cli/flags.ts";
import { readText, replaceFile } from "../platform/storage/atomic_file.ts";

const MAX_SHOWN_UNITS = 40;
const KINDS = "keys, names and networks";

type Lists = Partial<Record<AccessKind, string[]>>;

/**
 * Reads `access.json`: who may log in. Without the file, everybody may.
 *
 * @throws {UsageError} if it can't be read or has a mistake; the message names the line
 */
export async function readAccess(path: string): Promise<AccessRules> {
  const text = await readText(path);
  return text === undefined ? {} : parseAccess(text, path);
}

/**
 * Bans somebody in `access.json`, or lifts that. The rest of the file stays as it is.
 *
 * @param who a key, a name or a network
 * @param kind which of them it is
 * @returns the new rules; undefined if nothing had to be changed
 * @throws {UsageError} if that is no entry, or the file can't be used
 */
export async function setBan(
  path: string,
  who: string,
  isBanned: boolean,
  kind: AccessKind = accessKindOf(who),
): Promise<AccessRules | undefined> {
  if (!isAccessEntry(kind, who)) {
    throw new UsageError(`Expected ${ACCESS_ENTRIES[kind]}, got ${show(JSON.stringify(who))}`);
  }
  const text = await readText(path) ?? "{}\n";
  const before = parseAccess(text, path).ban?.[kind] ?? [];
  const others = before.filter((entry) =>
    foldAccessEntry(kind, entry) !== foldAccessEntry(kind, who)
  );
  if (isBanned === others.length < before.length) return undefined;
  const after = isBanned ? [...before, who] : others;
  const formattingOptions = { insertSpaces: true, tabSize: 2 };
  const edited = applyEdits(text, modify(text, ["ban", kind], after, { formattingOptions }));
  const rules = parseAccess(edited, path);
  await replaceFile(path, edited);
  return rules;
}

function parseAccess(text: string, path: string): AccessRules {
  const fail = (offset: number, reason: string): never => {
    const line = text.slice(0, offset).split(/\r\n|\r|\n/).length;
    throw new UsageError(`Line ${line} of ${path}: ${reason}`);
  };
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined || root === undefined) {
    return fail(first?.offset ?? 0, "expected JSON; look for a missing comma, quote or brace");
  }
  const entries = (node: Node, kind: AccessKind): string[] => {
    if (node.type !== "array") fail(node.offset, `expected a list [ … ] of ${kind}`);
    return (node.children ?? []).map(({ value, offset, length }) => {
      if (typeof value === "string" && isAccessEntry(kind, value)) return value;
      const got = show(text.slice(offset, offset + length));
      return fail(offset, `expected ${ACCESS_ENTRIES[kind]}, got ${got}`);
    });
  };
  const lists = (node: Node): Lists => {
    const result: Lists = {};
    for (const [name, value, key] of propertiesOf(node, KINDS, fail)) {
      if (name !== "keys" && name !== "names" && name !== "networks") {
        fail(key.offset, `unknown list ${show(name)}; the lists are ${KINDS}`);
      } else if (result[name] !== undefined) fail(key.offset, `${name} is there twice`);
      else result[name] = entries(value, name);
    }
    return result;
  };
  let rules: AccessRules = {};
  for (const [name, value, key] of propertiesOf(root, "allow, ban and admins", fail)) {
    if (Object.hasOwn(rules, name)) fail(key.offset, `${show(name)} is there twice`);
    if (name === "admins") rules = { ...rules, admins: entries(value, "keys") };
    else if (name === "ban") rules = { ...rules, ban: lists(value) };
    else if (name === "allow") {
      const allow = lists(value);
      if (Object.values(allow).every(({ length }) => length === 0)) {
        fail(key.offset, "allow names nobody; name somebody, or leave it out to let everybody in");
      }
      rules = { ...rules, allow };
    } else fail(key.offset, `unknown key ${show(name)}; the keys are allow, ban and admins`);
  }
  return rules;
}

/** Names and values of an object, and where the names are. */
function propertiesOf(
  node: Node,
  expected: string,
  fail: (offset: number, reason: string) => never,
): [string, Node, Node][] {
  if (node.type !== "object") fail(node.offset, `expected an object { … } with ${expected}`);
  return (node.children ?? []).flatMap(({ children: [key, value] = [] }) =>
    key === undefined || value === undefined ? [] : [[String(key.value), value, key]]
  );
}

function show(text: string): string {
  return shorten(sanitizeText(text), MAX_SHOWN_UNITS);
}
