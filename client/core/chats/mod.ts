/**
 * Chats with peers, the calls that open them, and the outbox. Knows neither
 * the server's connection nor any face.
 *
 * @module
 */

export { ChatManager } from "./chat_manager.ts";
