/**
 * A test that needs what not every machine has. Where that is missing the test is ignored, or fails
 * where the environment variable MIM_TEST_REQUIRE (a list with commas) names it.
 *
 * @param need its word in MIM_TEST_REQUIRE
 * @param missing what the machine lacks, and how to get it; undefined where it is there
 * @param ignore whether something else that the test needs is missing
 */
export function requiringTest(
  need: string,
  missing: string | undefined,
  name: string,
  fn: () => Promise<void>,
  ignore = false,
): void {
  const required = (Deno.env.get("MIM_TEST_REQUIRE") ?? "").split(",").includes(need);
  Deno.test({
    name,
    ignore: ignore || missing !== undefined && !required,
    async fn() {
      if (missing !== undefined) throw new Error(missing);
      await fn();
    },
  });
}
