import { expect, test } from 'bun:test';
import { workerUrl } from '../../src/model/worker-url.ts';

test('a thread of the sources lies below src/, whoever asks and wherever the tree lies', () => {
  const url = (from: string) => workerUrl('lists/compile/worker.ts', from).href;
  expect(url('file:///work/src/main/src/proxy/offload/offload.ts')).toBe(
    'file:///work/src/main/src/lists/compile/worker.ts',
  );
  expect(url('file:///r/src/lists/compile/worker-client.ts')).toBe('file:///r/src/lists/compile/worker.ts');
});

test('a thread of the compiled program lies beside the one file that all modules are in', () => {
  expect(workerUrl('ledger/thread/worker.ts', 'file:///$bunfs/root/resolagent').href).toBe(
    'file:///$bunfs/root/ledger/thread/worker.ts',
  );
});
