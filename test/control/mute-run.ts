// Run by stop-engine.test.ts: accepts and never answers.
Bun.listen({ unix: process.argv[2] ?? '', socket: { data: () => {} } });
process.stdout.write('ready\n');
