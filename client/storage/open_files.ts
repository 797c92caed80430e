import type { FileStorage } from "../core/mod.ts";
import { createDataDir } from "./data_dir.ts";
import type { DiskFilesOptions } from "./files/mod.ts";

/**
 * Opens what is known of transfers in a data folder, or creates it. Several programs may use it at once.
 *
 * @param options `downloads` is where files go if nobody says where
 *
 * @example A bot that takes every file
 * ```ts
 * import { Messenger, openFiles } from "@mim/mim";
 *
 * const folder = await Deno.makeTempDir(); // use a folder that stays
 * using files = await openFiles(folder, { downloads: `${folder}/files` });
 * await using bot = new Messenger({ name: "bot", server: { hostname: "192.0.2.7", port: 4242 }, files });
 * bot.addEventListener("file-offered", ({ transfer }) => transfer.accept());
 * ```
 *
 * @throws {Error} if the folder can't be created
 */
export async function openFiles(
  folder: string,
  { alarm = console.error, ...options }: Partial<DiskFilesOptions> = {},
): Promise<FileStorage & Disposable> {
  await createDataDir(folder);
  const { DiskFiles } = await import("./files/mod.ts"); // loaded only here: it starts slowly
  return new DiskFiles(folder, { alarm, ...options });
}
