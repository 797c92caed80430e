/** Passes uncaught errors to a handler, instead of the runtime's message and stack trace. */
export function onFatalError(fail: (error: unknown) => void): void {
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    fail(event.reason);
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    fail(event.error);
  });
}
