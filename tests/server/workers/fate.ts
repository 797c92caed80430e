/** The channel over which workers of a test are told to die or to hang. */
export const FATE_CHANNEL = `mim-test-fate-${Deno.pid}`;
