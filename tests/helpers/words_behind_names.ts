/** Expressions that stand for a name in a text. */
const NAMED =
  /\b(?:displayName|named|nameOf|describeMissing|describeUser)\(|#whoOf\(|(?:^|\.)(?:name|who|whom|peer|shown|made|contact|namesake|ownName)$/;
/** The same in the texts of the page. */
const PAGE_NAMED = /^(?:name|by|whom|who|contact|peer|others?)$/;
/** Behind these signs nothing needs to be looked for, since a name with one of them stands in quotes. */
const WORD_BEHIND = /^['’]?[^\p{L}\p{N}!"#$%&()*+,/:;<=>?@[\]^`{|}…]*(\p{L}[\p{L}\p{M}]*)/u;

/** The words that stand behind a name in the texts of the program, by a place where they do. */
export async function wordsBehindNames(): Promise<Map<string, string>> {
  const words = new Map<string, string>();
  const add = (behind: string, place: string) => {
    if (/^['’]s\b/.test(behind)) return add(behind.slice(2), place);
    const word = WORD_BEHIND.exec(behind)?.[1]?.toLowerCase();
    if (word !== undefined && !words.has(word)) {
      words.set(word, `${place}: …${behind.slice(0, 40)}`);
    }
  };
  for (const { path, text } of await sources("client", ".ts")) {
    if (/^client\/(?:testing|storage|window\/http)\//.test(path)) continue; // names of files there
    for (const { name, behind } of templates(text)) if (NAMED.test(name)) add(behind, path);
  }
  for (const { path, text } of await sources("client/window/page", ".js")) {
    if (!/(?:texts?|sentences)_\w+\.js$/.test(path)) continue;
    for (const [, name = "", behind = ""] of text.matchAll(/\{(\w+)\}([^{}]*)/g)) {
      if (PAGE_NAMED.test(name)) add(behind.split(/(?<!\\)["`]/)[0] ?? "", path);
    }
  }
  return words;
}

async function sources(folder: string, ext: string): Promise<{ path: string; text: string }[]> {
  const all: { path: string; text: string }[] = [];
  for (
    const { name, isDirectory } of Deno.readDirSync(new URL(`../../${folder}`, import.meta.url))
  ) {
    const path = `${folder}/${name}`;
    if (isDirectory) all.push(...await sources(path, ext));
    else if (name.endsWith(ext)) {
      all.push({ path, text: await Deno.readTextFile(new URL(`../../${path}`, import.meta.url)) });
    }
  }
  return all;
}

/** Each expression in a template of a source, with the text behind it. */
function* templates(source: string): Generator<{ name: string; behind: string }> {
  for (const { index } of source.matchAll(/\$\{/g)) {
    const end = endOf(source, index + 2);
    const name = source.slice(index + 2, end).trim();
    for (const behind of textsAt(source, end + 1, 3)) yield { name, behind };
  }
}

/** The texts that may stand at a place in a template: if that is an expression, those in it. */
function textsAt(source: string, start: number, depth: number): string[] {
  if (depth === 0) return [];
  const literal = /^(?:\\.|(?!\$\{)[^`\\])*/s.exec(source.slice(start, start + 300))?.[0] ?? "";
  if (/\p{L}|[^\s.'’_-]/u.test(literal)) return [literal];
  const at = start + literal.length;
  const joined = /^`\s*\+\s*["'`]/.exec(source.slice(at, at + 200))?.[0];
  if (joined !== undefined) return textsAt(source, at + joined.length, depth);
  if (!source.startsWith("${", at)) return [];
  const end = endOf(source, at + 2);
  return [
    ...textsIn(source, source.slice(at + 2, end).trim()),
    ...textsAt(source, end + 1, depth - 1),
  ];
}

/** The texts in an expression; of a variable, those in what it is made of. */
function textsIn(source: string, expression: string): string[] {
  const made = /^\w+$/.test(expression)
    ? Array.from(source.matchAll(new RegExp(`const ${expression}\\b[^;]*;`, "g")), ([all]) => all)
    : [expression];
  return made.flatMap((code) =>
    Array.from(code.matchAll(/["`]((?:[^"`\\]|\\.)+)["`]/g), ([, text = ""]) => text)
  );
}

/** Where an expression ends that begins there. */
function endOf(source: string, start: number): number {
  let depth = 1;
  for (let at = start; at < source.length; at++) {
    if (source[at] === "{") depth++;
    else if (source[at] === "}" && --depth === 0) return at;
  }
  return source.length;
}
