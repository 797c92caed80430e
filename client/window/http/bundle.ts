/**
 * Joins modules of the page into one file, because each file costs a browser some milliseconds. Each
 * module becomes a function that returns its exports, so that names of one don't meet those of another.
 *
 * The modules use only these forms: `import` with names, `export` in front of a declaration or with a
 * list, and no export that changes.
 *
 * @module
 */

/** The texts of modules by the names that stand in imports, as in `./store.js` or `preact`. */
export type Modules = ReadonlyMap<string, string>;

const IMPORT = /^import\s*(?:([\w$]+)\s*,?\s*)?(?:\{([^}]*)\}\s*)?from\s*"([^"]+)";?$/gm;
const PACKED_IMPORT = /\bimport\{([^}]*)\}from"([^"]+)";/g;
const EXPORT_FROM = /^export\s*\{([^}]*)\}\s*from\s*"([^"]+)";?$/gm;
const EXPORT_LIST = /\bexport\s*\{([^}]*)\};?/g;
const EXPORT_DEFAULT = /\bexport default\b/;
const EXPORT = /^export (?=(?:async )?(?:const|function|class) ([\w$]+))/gm;

/**
 * Joins all modules that an entry needs.
 *
 * @param known modules that other files have, as their export `modules`, and the files
 * @param externals modules that stay files of their own
 * @returns the text, which exports all joined modules as `modules`
 */
export function bundle(
  entry: string,
  modules: Modules,
  { known = new Map(), externals = [] }: {
    readonly known?: ReadonlyMap<string, string>;
    readonly externals?: readonly string[];
  } = {},
): { readonly text: string; readonly names: readonly string[] } {
  const order: string[] = [];
  const outside = new Set<string>();
  const shared = new Map<string, string[]>();
  const visit = (name: string) => {
    const from = known.get(name);
    if (from !== undefined) {
      const names = shared.getOrInsertComputed(from, () => []);
      return void (names.includes(name) || names.push(name));
    }
    if (order.includes(name)) return;
    if (externals.includes(name)) return void outside.add(name);
    const text = modules.get(name);
    if (text === undefined) throw new Error(`expected a module ${name}`);
    for (const other of importsOf(text)) visit(other);
    order.push(name);
  };
  visit(entry);
  const head = [...outside].map((name) => `import * as ${variable(name)} from "${name}";`);
  for (const [index, [from, names]] of [...shared].entries()) {
    head.push(
      `import { modules as known${index} } from "${from}";`,
      `const { ${names.map(variable).join(", ")} } = known${index};`,
    );
  }
  const used = new Set([...modules.values()].flatMap(importedNames));
  const parts = order.map((name) => {
    const isUsed = (exported: string) => name === entry || used.has(exported);
    return `const ${variable(name)}=${wrap(modules.get(name) ?? "", isUsed)};`;
  });
  const isEntry = order.includes(entry) ? `export const { ${exportsOf(modules, entry)} } = ` : "";
  const tail = isEntry.includes("{  }") ? "" : `${isEntry}${variable(entry)};`;
  const text = [
    ...head,
    ...parts,
    `export const modules = { ${order.map(variable).join(", ")} };`,
    tail,
  ].join(
    "\n",
  );
  return { text, names: order };
}

function exportsOf(modules: Modules, entry: string): string {
  return Array.from((modules.get(entry) ?? "").matchAll(EXPORT), ([, name = ""]) => name).join(
    ", ",
  );
}

function importsOf(text: string): string[] {
  const forms = [[IMPORT, 3], [PACKED_IMPORT, 2], [EXPORT_FROM, 2]] as const;
  return forms.flatMap(([form, group]) =>
    Array.from(text.matchAll(form), (match) => match[group] ?? "")
  );
}

/** The names that a module imports from others. */
function importedNames(text: string): string[] {
  const forms = [[IMPORT, 2], [PACKED_IMPORT, 1], [EXPORT_FROM, 1]] as const;
  return ["default"].concat(
    forms.flatMap(([form, group]) =>
      Array.from(text.matchAll(form), (match) => pairsOf(match[group] ?? "")).flat()
        .map(([name]) => name)
    ),
  );
}

/** A module as a call of a function that returns those of its exports that are used. */
function wrap(text: string, isUsed: (name: string) => boolean): string {
  const exports: string[] = [];
  const body = text
    .replaceAll(EXPORT_FROM, (_, names: string, from: string) => {
      for (const [name, own] of pairsOf(names)) exports.push(`${own}:${variable(from)}.${name}`);
      return "";
    })
    .replaceAll(IMPORT, (_, main: string | undefined, names: string | undefined, from: string) => {
      const parts = pairsOf(names ?? "").map(pair);
      if (main !== undefined) parts.push(`default:${main}`);
      return `const{${parts.join(",")}}=${variable(from)};`;
    })
    .replaceAll(PACKED_IMPORT, (_, names: string, from: string) => {
      const parts = pairsOf(names).map(pair);
      return `const {${parts.join(",")}}=${variable(from)};`;
    })
    .replaceAll(EXPORT, (_, name: string) => {
      exports.push(name);
      return "";
    })
    .replace(EXPORT_DEFAULT, () => {
      exports.push("default:main$");
      return "const main$ =";
    })
    .replaceAll(EXPORT_LIST, (_, names: string) => {
      for (const [name, own] of pairsOf(names)) exports.push(pair([own, name]));
      return "";
    });
  return `(()=>{${body.trim()}\nreturn{${
    exports.filter((one) => isUsed(one.split(":")[0] ?? "")).join(",")
  }};\n})()`;
}

/** A property and the name of its value, as in an object. */
function pair([name, own]: readonly [string, string]): string {
  return name === own ? name : `${name}:${own}`;
}

/** The names of a list, each with the one that `as` gives it. */
function pairsOf(names: string): [string, string][] {
  return names.split(",").map((name) => name.trim()).filter((name) => name !== "").map((name) => {
    const [one = "", other = one] = name.split(/\s+as\s+/);
    return [one, other];
  });
}

/** Short names of modules, which are in every file often. */
const variables = new Map<string, string>();

function variable(name: string): string {
  return variables.getOrInsertComputed(name, () => `$${variables.size.toString(36)}`);
}
