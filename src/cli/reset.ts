import { EXIT, print, printError } from './print.ts';

/** `resolagent reset`: takes our rules out of the kernel whatever else is true. Needs nothing but the privilege. */
export async function reset(): Promise<void> {
  const { removeRules } = await import('../engine/platforms.ts');
  try {
    await removeRules();
  } catch (error) {
    printError(error instanceof Error ? error.message : String(error));
    printError(process.geteuid?.() === 0 ? manual() : 'run it as root: sudo resolagent reset');
    process.exitCode = EXIT.cannot;
    return;
  }
  print('no rule of resolagent is in the kernel; the network works without it');
}

function manual(): string {
  return process.platform === 'darwin'
    ? 'by hand: sudo pfctl -a com.apple/250.resolagent -F all'
    : 'by hand: sudo nft delete table inet resolagent';
}
