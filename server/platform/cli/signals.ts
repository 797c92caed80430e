/** Calls a function at each such signal. Windows knows SIGINT alone. */
export function onSignal(signal: Deno.Signal, listener: () => void): void {
  if (Deno.build.os !== "windows" || signal === "SIGINT") Deno.addSignalListener(signal, listener);
}

/**
 * Resolves to the first signal that stops the program. A second one exits with its code at once.
 */
export function stopSignal<Signal extends Deno.Signal>(
  exitCodes: Readonly<Record<Signal, number>>,
): Promise<Signal> {
  const { promise, resolve } = Promise.withResolvers<Signal>();
  let isStopping = false;
  for (const signal in exitCodes) {
    onSignal(signal, () => {
      if (isStopping) Deno.exit(exitCodes[signal]);
      isStopping = true;
      resolve(signal);
    });
  }
  return promise;
}
