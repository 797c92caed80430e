/**
 * The commands that users type, as rows of a table, and what a typed line does. Commands use what app/
 * offers; app/ knows no command.
 *
 * @module
 */

export { COMMAND_TABLE } from "./table.ts";
export { dispatch, recipientOf } from "./dispatch.ts";
