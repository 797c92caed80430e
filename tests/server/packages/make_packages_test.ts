/** The files that `deno task package` leaves, if a part of it fails. */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { makePackages } from "../../../server/packages/make_packages.ts";
import { TempFolder } from "../../helpers/disk.ts";

const SUM_OF_A = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";

Deno.test("packages: what was made has its sums, even if another part fails", async () => {
  using folder = new TempFolder();
  const make = async (part: "first" | "second" | "third") => {
    if (part === "second") throw new Error("no network");
    const path = `${folder.path}/${part}.tgz`;
    await Deno.writeTextFile(path, "a");
    return [path];
  };
  const sums = `${folder.path}/SHA256SUMS`;
  const { message } = await assertRejects(
    () => makePackages(["first", "second", "third"], folder.path, make),
    Error,
    "Cannot make the part second: no network",
  );
  assertStringIncludes(message, `/third.tgz\n${sums}`);
  assertEquals(
    await Deno.readTextFile(sums),
    `${SUM_OF_A}  first.tgz\n${SUM_OF_A}  third.tgz\n`,
  );
  const made = await makePackages(["first"], folder.path, make);
  assertEquals(made, [`${folder.path}/first.tgz`, sums]);
  assertEquals(await Deno.readTextFile(sums), `${SUM_OF_A}  first.tgz\n`);
});
