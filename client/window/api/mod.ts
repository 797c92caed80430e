/**
 * Reads the requests of pages and carries them out on the messenger and the window's state. It knows
 * nothing of HTTP and WebSockets.
 *
 * @module
 */

export { MAX_REQUEST_LENGTH, parseRequest } from "./parse_request.ts";
export { RequestHandler } from "./request_handler.ts";
export type { UploadedFile } from "./uploaded_file.ts";
