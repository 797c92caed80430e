import config from "../../deno.json" with { type: "json" };
import { SERVER_BUNDLES } from "./bundles.ts";
import { debianUnit, PROGRAM_FOLDER, serverCommand } from "./debian_service.ts";
import { manualPage } from "./manual_page.ts";
import { runTool } from "./run_tool.ts";
import { filled, gzip, StagedTree } from "./staged_tree.ts";
import { thirdPartyNotices } from "./third_party_notices.ts";

const ARCHITECTURES = { x86_64: "amd64", aarch64: "arm64" };
/** The maintainer of the package, unless DEBFULLNAME and DEBEMAIL name another one. */
const MAINTAINER = "MIM maintainers <mim@localhost>";

/** The parts of a Debian package. */
export interface DebianSources {
  /** The folder with the bundles of the server. */
  readonly bundles: string;
  /** Deno's executable for this system. */
  readonly runtime: string;
  /** In seconds since 1970. */
  readonly date: number;
  /** How dpkg-deb compresses; as it likes if left out. */
  readonly compression?: readonly string[];
}

/**
 * Makes the Debian package of the server, for the architecture of this machine.
 *
 * @returns the path of the package
 * @throws {Error} if dpkg-deb is missing, or there is no Debian of this architecture
 */
export async function buildDebianPackage(
  { bundles, runtime, date, compression = [] }: DebianSources,
  out: string,
): Promise<string> {
  const version = `${config.version}-1`;
  const architecture = ARCHITECTURES[Deno.build.arch];
  const tree = await StagedTree.create();
  try {
    await tree.copy(runtime, `${PROGRAM_FOLDER}/deno`, 0o755);
    for (const name of SERVER_BUNDLES) {
      await tree.copy(`${bundles}/${name}`, `${PROGRAM_FOLDER}/${name}`);
    }
    await tree.write("/usr/sbin/mim-server", await serverCommand(), 0o755);
    await tree.write("/usr/lib/systemd/system/mim-server.service", await debianUnit());
    await tree.write("/usr/lib/sysusers.d/mim-server.conf", await source("mim-server.conf"));
    await tree.write("/etc/mim/server.json", await source("server.json"));
    await tree.write(
      "/usr/share/man/man8/mim-server.8.gz",
      gzip(await manualPage(`${bundles}/mim-server.js`, date)),
    );
    const doc = "/usr/share/doc/mim-server";
    await tree.write(`${doc}/copyright`, await copyright());
    await tree.write(`${doc}/changelog.gz`, gzip(await projectFile("CHANGELOG.md")));
    await tree.write(`${doc}/changelog.Debian.gz`, gzip(debianChangelog(version, date)));
    await tree.write(`${doc}/NOTICES.md.gz`, gzip(await thirdPartyNotices()));
    for (const example of ["alerts.yml", "grafana.json"]) {
      const text = await projectFile(`server/docs/${example}`);
      await tree.write(`${doc}/examples/${example}`, text);
    }
    await tree.write("/usr/share/lintian/overrides/mim-server", await source("lintian-overrides"));
    const sums = await tree.md5sums();
    const control = filled(await source("control"), {
      VERSION: version,
      ARCHITECTURE: architecture,
      MAINTAINER: maintainer(),
      SIZE: String(Math.ceil(tree.bytes / 1024)),
    });
    await tree.write("/DEBIAN/control", control);
    await tree.write("/DEBIAN/conffiles", "/etc/mim/server.json\n");
    await tree.write("/DEBIAN/md5sums", sums);
    for (const script of ["postinst", "prerm", "postrm"]) {
      await tree.write(`/DEBIAN/${script}`, await source(script), 0o755);
    }
    const path = `${out}/mim-server_${version}_${architecture}.deb`;
    const options = ["--root-owner-group", ...compression];
    await runTool(["dpkg-deb", ...options, "--build", tree.path, path], {
      env: { SOURCE_DATE_EPOCH: String(date) },
    });
    return path;
  } finally {
    await tree.remove();
  }
}

function source(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`debian/${name}`, import.meta.url));
}

function projectFile(path: string): Promise<string> {
  return Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
}

async function copyright(): Promise<string> {
  const license = await projectFile("LICENSE");
  const [, text = ""] = /\n\n(Permission .*)/s.exec(license) ?? [];
  const lines = text.trim().split("\n").map((line) => line === "" ? " ." : ` ${line}`);
  return filled(await source("copyright"), { LICENSE: lines.join("\n") });
}

/** As Debian wants it; `/usr/share/doc/mim-server/changelog.gz` says what changed. */
function debianChangelog(version: string, date: number): string {
  const day = new Date(date * 1_000).toUTCString().replace("GMT", "+0000");
  return `mim-server (${version}) unstable; urgency=medium

  * Version ${config.version}; changelog.gz lists the changes.

 -- ${maintainer()}  ${day}
`;
}

function maintainer(): string {
  const [name, email] = [Deno.env.get("DEBFULLNAME"), Deno.env.get("DEBEMAIL")];
  return name && email ? `${name} <${email}>` : MAINTAINER;
}
