/**
 * Hands on whatever a program failed with and nobody was there to catch, in place of the runtime's words
 * and stack trace, which are of no use to users.
 *
 * @param fail what is to end the program
 */
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
