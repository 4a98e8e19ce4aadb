import { connectControl } from '../../src/control/client.ts';
import { ControlClientError } from '../../src/control/client-error.ts';

// Run by server.test.ts as another user: asks for the status and prints what came of it.

try {
  const client = await connectControl(process.argv[2] ?? '');
  process.stdout.write(JSON.stringify(await client.request('status', {})));
  client.close();
} catch (error) {
  const told =
    error instanceof ControlClientError
      ? { trouble: error.trouble, remedy: error.remedy, message: error.message }
      : { error: String(error) };
  process.stdout.write(JSON.stringify(told));
}
