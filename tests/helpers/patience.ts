/**
 * How long a wait may take, in milliseconds. Only a failing test waits that long: a machine that is
 * busy with other things must not.
 */
export const PATIENCE = 60_000;
