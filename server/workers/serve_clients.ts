import { ClientThread } from "./client_thread.ts";
import type { FromWorker, ToWorker } from "./worker_messages.ts";

/** The parts of a worker's global scope that are used here. */
interface WorkerScope {
  onmessage: ((event: { readonly data: readonly ToWorker[] }) => void) | null;
  postMessage(messages: readonly FromWorker[]): void;
}

/** Serves clients in this worker, as the thread that started it says. */
export function serveClients(): void {
  const scope = globalThis as unknown as WorkerScope;
  const thread = new ClientThread((messages) => scope.postMessage(messages));
  scope.onmessage = ({ data }) => {
    for (const message of data) thread.receive(message);
  };
  scope.postMessage([{ type: "hello" }]);
}
