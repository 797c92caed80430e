/**
 * The program of a worker.
 *
 * @module
 */

import { serveClients } from "./serve_clients.ts";

serveClients();
