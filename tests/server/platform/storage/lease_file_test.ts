import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { LeaseFile } from "../../../../server/platform/storage/lease_file.ts";
import { TempFolder } from "../../../helpers/disk.ts";
import { poll } from "../../../helpers/wait.ts";

Deno.test("lease: it is not taken where the storage was before, but once that is back", async () => {
  using folder = new TempFolder();
  const path = `${folder.path}/lease`;
  const failures: string[] = [];
  const lease = new LeaseFile(path, "one", 200, {
    onWaiting: (holder) => failures.push(`${holder} holds it`),
    onFailure: (reason) => failures.push(reason),
  });
  try {
    await lease.until(true);
    assertEquals(failures, [], "it has waited for nobody but itself");
    await Deno.rename(path, `${path}.away`);
    await lease.until(false);
    // Far longer than it would take to take it.
    await poll(() => failures.length > 20, "failures");
    assertMatch(failures.at(-1) ?? "", /lease has gone: is its storage mounted\?/);
    assertEquals(lease.isHeld, false);
    await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
    await Deno.rename(`${path}.away`, path);
    await lease.until(true);
  } finally {
    await lease.release();
  }
});
