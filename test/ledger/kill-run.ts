import { Ledger } from '../../src/ledger/ledger.ts';
import { ended, sampleFlow } from './sample-flow.ts';
import { optionsIn } from './scratch-options.ts';

// Run by kill.test.ts, which kills it in the middle of its work. Prints each id before the flow is recorded.

const ledger = await Ledger.open(optionsIn(process.argv[2] ?? ''));
for (;;) {
  for (let n = 0; n < 200; n++) {
    const id = ledger.nextFlowId();
    process.stdout.write(`${id}\n`);
    ledger.record(sampleFlow(id));
    if (n % 2 === 0) ledger.record(ended(sampleFlow(id)));
  }
  await ledger.flush();
}
