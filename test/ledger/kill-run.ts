import { Ledger } from '../../src/ledger/ledger.ts';
import { ended, sampleFlow } from './sample-flow.ts';
import { sampleInquiry, sampleVerdict } from './sample-judge.ts';
import { optionsIn } from './scratch-options.ts';

// Run by kill.test.ts, which kills it in the middle of its work. Prints each id before the flow is recorded, `i ID` before an
// inquiry is, and `f ID` once it was flushed.

const ledger = await Ledger.open(optionsIn(process.argv[2] ?? ''));
let inquiry = (await ledger.judgeMemory(0)).lastInquiry;
for (;;) {
  inquiry++;
  process.stdout.write(`i ${inquiry}\n`);
  ledger.recordInquiry(sampleInquiry(inquiry));
  ledger.keepVerdict(sampleVerdict(`${inquiry}.example`, { inquiry }));
  for (let n = 0; n < 200; n++) {
    const id = ledger.nextFlowId();
    process.stdout.write(`${id}\n`);
    ledger.record(sampleFlow(id));
    if (n % 2 === 0) ledger.record(ended(sampleFlow(id)));
  }
  await ledger.flush();
  process.stdout.write(`f ${inquiry}\n`);
}
