// Exits with 0 if the server in this container is well: its data folder can be used, and it answers.
try {
  const { ok } = await fetch("http://127.0.0.1:9464/healthz");
  Deno.exit(ok ? 0 : 1);
} catch {
  Deno.exit(1);
}
