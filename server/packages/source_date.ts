import { runTool } from "./run_tool.ts";

/**
 * The time that all packages carry, in seconds, so that the same sources give the same bytes:
 * `SOURCE_DATE_EPOCH`, else the time of the last commit.
 *
 * @throws {Error} if there is neither
 */
export async function sourceDate(): Promise<number> {
  const given = Deno.env.get("SOURCE_DATE_EPOCH");
  const text = given ?? await runTool(["git", "log", "-1", "--format=%ct"]);
  if (/^\d{1,12}\s*$/.test(text)) return Number(text);
  throw new Error(`Expected SOURCE_DATE_EPOCH to be seconds since 1970, got ${text}`);
}
