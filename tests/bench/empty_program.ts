// What Deno itself takes to start: the least that any program can.
console.log("ready");
