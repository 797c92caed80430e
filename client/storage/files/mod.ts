/**
 * Files that are sent, and those that come: finds and reads the former, and writes the latter into one
 * folder, never outside it and never over anything. Knows no peers.
 *
 * @module
 */

export { DiskFiles, type DiskFilesOptions } from "./disk_files.ts";
