/** SIGHUP's bit in the mask of ignored signals. */
const HANGUP_BIT = 1n;

const STATUS = "/proc/self/status";

/**
 * Whether this program was started with SIGHUP ignored, as by nohup: then it has to stay so. False if that
 * can't be found out: it takes all permissions, or that to run `cat`.
 */
export function isHangupIgnored(): boolean {
  try {
    const [, mask = "0"] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readStatus()) ?? [];
    return (BigInt(`0x${mask}`) & HANGUP_BIT) !== 0n;
  } catch {
    return false;
  }
}

function readStatus(): string {
  try {
    return Deno.readTextFileSync(STATUS);
  } catch (error) {
    const { state } = Deno.permissions.querySync({ name: "run", command: "cat" });
    if (Deno.build.os !== "linux" || state !== "granted") throw error;
    // A program inherits which signals are ignored.
    const { stdout } = new Deno.Command("cat", { args: [STATUS], stdin: "null" }).outputSync();
    return new TextDecoder().decode(stdout);
  }
}

/** Calls a function at each such signal, if this system has it: Windows knows SIGINT alone. */
export function onSignal(signal: Deno.Signal, listener: () => void): void {
  if (Deno.build.os === "windows" && signal !== "SIGINT") return;
  try {
    Deno.addSignalListener(signal, listener);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

/**
 * Resolves to the first signal that stops the program. A second one exits with its code at once.
 */
export function stopSignal<Signal extends Deno.Signal>(
  exitCodes: Readonly<Record<Signal, number>>,
): Promise<Signal> {
  const { promise, resolve } = Promise.withResolvers<Signal>();
  let isStopping = false;
  // The first listener has Deno handle signals by itself: afterwards nothing is ignored any more.
  const ignoresHangup = isHangupIgnored();
  for (const signal in exitCodes) {
    if (String(signal) === "SIGHUP" && ignoresHangup) {
      onSignal(signal, () => {});
      continue;
    }
    onSignal(signal, () => {
      if (isStopping) Deno.exit(exitCodes[signal]);
      isStopping = true;
      resolve(signal);
    });
  }
  return promise;
}
