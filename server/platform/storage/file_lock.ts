import { dirname } from "node:path";
import { delay } from "@std/async/delay";
import { reasonOf } from "../util/errors.ts";
import { giveToOwnerOf } from "./private_file.ts";
import { assertRegularFile } from "./regular_file.ts";

/** How long a program waits for another one's lock. */
const LOCK_TIMEOUT_MS = 5_000;
const POLL_INTERVAL_MS = 20;
const sleeping = new Int32Array(new SharedArrayBuffer(4));

/**
 * Waits for a lock against other processes, at most five seconds, and holds it until it is disposed.
 * Meanwhile the program goes on. Its file stays: removing it would take the lock from others.
 *
 * @throws {Error} if it can't be had; the message names the file
 */
export async function lockFile(path: string): Promise<Disposable> {
  const attempts = attemptsAt(path, LOCK_TIMEOUT_MS);
  for (let file = attempts.next();; file = attempts.next()) {
    if (file.done === true) return file.value;
    await delay(POLL_INTERVAL_MS);
  }
}

/**
 * The same for callers that can't wait: the program stands still, so the time should be short.
 *
 * @throws {Error} as {@linkcode lockFile}
 */
export function lockFileSync(path: string, timeoutMs: number = LOCK_TIMEOUT_MS): Disposable {
  const attempts = attemptsAt(path, timeoutMs);
  for (let file = attempts.next();; file = attempts.next()) {
    if (file.done === true) return file.value;
    Atomics.wait(sleeping, 0, 0, POLL_INTERVAL_MS);
  }
}

/**
 * Locks an open file; the program stands still meanwhile.
 *
 * @throws {Error} if another program has locked it for that long
 */
export function waitForLockSync(file: Deno.FsFile, path: string, timeoutMs: number): void {
  const attempts = attemptsOn(file, path, timeoutMs);
  while (attempts.next().done !== true) Atomics.wait(sleeping, 0, 0, POLL_INTERVAL_MS);
}

/** Tries to lock the file each time it is asked; returns the lock. */
function* attemptsAt(path: string, timeoutMs: number): Generator<void, Disposable> {
  const file = openLock(path);
  try {
    yield* attemptsOn(file, path, timeoutMs);
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

function* attemptsOn(file: Deno.FsFile, path: string, timeoutMs: number): Generator<void, void> {
  const until = performance.now() + timeoutMs;
  while (!file.tryLockSync(true)) {
    if (performance.now() >= until) {
      throw new Error(`${path} has been locked by another program for too long; end that one`);
    }
    yield;
  }
}

function openLock(path: string): Deno.FsFile {
  try {
    assertRegularFile(path);
    const file = Deno.openSync(path, { write: true, create: true, mode: 0o600 });
    giveToOwnerOf(path, dirname(path));
    return file;
  } catch (error) {
    const reason = reasonOf(error);
    throw reason.includes(path) ? error : new Error(`${path}: ${reason}`, { cause: error });
  }
}
