import { npmCache } from "./bundles.ts";

/** The owner of Deno and of `deno-std`, which comes without a license file. */
const DENO_COPYRIGHT = "Copyright 2018-2026 the Deno authors";

/** Of what the bundles are made of. */
const LOCKS = ["client/deno.lock", "server/deno.lock", "server/cluster/deno.lock"];

/**
 * The licenses of all packages that are in the bundles, and of Deno, as their authors ask for. They are
 * read from Deno's cache, where the bundles come from.
 *
 * @throws {Error} if a package has no license file
 */
export async function thirdPartyNotices(): Promise<string> {
  const cache = await npmCache();
  const locks = await Promise.all(LOCKS.map(projectFile));
  const packages = new Set(locks.flatMap((lock) => Object.keys(JSON.parse(lock).npm)));
  const mit = await projectFile("LICENSE");
  const denoLicense = mit.replace(/^Copyright .*$/m, DENO_COPYRIGHT).trim();
  const parts = [...packages].sort().map((name) => {
    const license = name.startsWith("deno-std@") ? denoLicense : licenseOf(name, cache);
    return `## ${name}\n\n${license}\n`;
  });
  return `# What MIM is made with\n\n## Deno\n\n${denoLicense}\n\n${parts.join("\n")}`;
}

/** @param name with its version, as in `@logtape/logtape@2.4.2` */
function licenseOf(name: string, cache: string): string {
  const at = name.lastIndexOf("@");
  for (const { name: source } of Deno.readDirSync(cache)) {
    const folder = `${cache}/${source}/${name.slice(0, at)}/${name.slice(at + 1)}`;
    const file = namesIn(folder).find((file) => /^licen[sc]e/i.test(file));
    if (file !== undefined) return Deno.readTextFileSync(`${folder}/${file}`).trim();
  }
  throw new Error(`Cannot find the license of ${name} in Deno's cache; run deno install first`);
}

function projectFile(path: string): Promise<string> {
  return Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
}

function namesIn(folder: string): readonly string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return [];
  }
}
