/** What a client's start has to do with its history; prints how long that took, in milliseconds. */

const [path = "", name = ""] = Deno.args;
const start = performance.now();
const { History } = await import("../../client/storage/history/history.ts");
const history = await History.open(path, (text) => console.error(text));
const lines = history?.last(name, 50).length;
console.log(`opened ${performance.now() - start} ${lines}`);
await history?.close();
