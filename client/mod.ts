/**
 * The client as a library: a messenger without a face, and the file that keeps its identity. Programs
 * build on this; the faces in this folder are one of them.
 *
 * @module
 */

export * from "./core/mod.ts";
export { IdentityFile } from "./storage/mod.ts";
