/** The setup of two servers and one NATS in docs/operating.md, as far as it can be tried without containers. */

import { assert, assertEquals } from "@std/assert";
import { createUser } from "@nats-io/nkeys";
import config from "../../../deno.json" with { type: "json" };
import { parseServerOptions } from "../../../server/cli/options.ts";
import { checkClusterOptions } from "../../../server/cluster/check_options.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { missingNats, NATS_PROGRAM } from "../../helpers/nats_server.ts";
import { requiringTest } from "../../helpers/required.ts";
import { parse } from "../../std/yaml.ts";

interface Service {
  readonly image: string;
  readonly command: string | readonly string[];
  readonly volumes: readonly string[];
  readonly ports?: readonly string[];
}

/** The blocks of code of the chapter that follow on the word Compose. */
async function blocks(): Promise<{ readonly yaml: string; readonly nats: string }> {
  const path = new URL("../../../server/docs/operating.md", import.meta.url);
  const [, chapter = ""] = (await Deno.readTextFile(path)).split("for [Compose]");
  const [, yaml = "", nats = ""] = /^```yaml\n(.*?)^```$.*?^```\n(.*?)^```$/ms.exec(chapter) ?? [];
  assert(yaml !== "" && nats !== "", "expected a file of Compose and one of NATS");
  return { yaml, nats };
}

/** The paths of a container's files. */
function targetsOf({ volumes }: Service): string[] {
  return volumes.map((volume) => volume.split(":")[1] ?? "");
}

Deno.test("operating.md: the file of Compose is YAML, and its servers' options exist and fit", async () => {
  const { yaml, nats } = await blocks();
  const { services, volumes } = parse(yaml) as {
    readonly services: Readonly<Record<string, Service>>;
    readonly volumes: Readonly<Record<string, unknown>>;
  };
  const { nats: engine, ...servers } = services;
  assert(engine !== undefined);
  assertEquals(Object.keys(servers), ["a", "b"]);
  for (const [name, server] of Object.entries(servers)) {
    const [deno, task, taskName = "", ...args] = String(server.command).trim().split(/\s+/);
    assertEquals([deno, task], ["deno", "task"]);
    assert(Object.hasOwn(config.tasks, taskName), taskName);
    const options = parseServerOptions(args);
    const { cluster = "", clusterCredentials: credentials, data = "", advertise } = options;
    checkClusterOptions({ servers: cluster.split(","), credentials });
    assertEquals(new URL(cluster).hostname, "nats");
    assertEquals(advertise, `${name}.example.org`);
    const targets = targetsOf(server);
    for (const path of [data, credentials ?? "", "/mim"]) assert(targets.includes(path), path);
    assert(server.volumes.includes(`./${name}:${data}`));
    assert(server.ports?.[0]?.endsWith(":4242:4242"));
    assertEquals(server.image, `docker.io/denoland/deno:${Deno.version.deno}`);
  }
  const named = Object.values(services).flatMap((service) => service.volumes)
    .map((volume) => volume.split(":")[0] ?? "").filter((source) => /^\w+$/.test(source));
  assertEquals(named, Object.keys(volumes));
  const [, store] = /store_dir: (\S+)/.exec(nats) ?? [];
  assert(store !== undefined && targetsOf(engine).includes(store), store);
  assert(targetsOf(engine).includes(String(engine.command[1])));
});

requiringTest("nats", missingNats, "operating.md: NATS takes the file that is there", async () => {
  using folder = new TempFolder();
  const { nats } = await blocks();
  const path = `${folder.path}/nats.conf`;
  const text = nats.replace("UB…", createUser().getPublicKey()).replace(
    "/data",
    `${folder.path}/data`,
  );
  await Deno.writeTextFile(path, text);
  const { code, stderr } = await new Deno.Command(NATS_PROGRAM, { args: ["-t", "-c", path] })
    .output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
});
