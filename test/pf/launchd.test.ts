import { expect, test } from 'bun:test';
import { renderLaunchdPlist } from '../../pf/launchd.ts';

test('renders the service byte for byte', async () => {
  const golden = await Bun.file(new URL('../fixtures/pf/golden/launchd.plist', import.meta.url)).text();
  const command = ['/usr/local/bin/resolagent', 'daemon'];
  expect(renderLaunchdPlist({ command, isCopy: false })).toBe(golden);
});

test('escapes what XML would read', () => {
  const text = renderLaunchdPlist({ command: ['/opt/a & b/<x>', `"it's"`], isCopy: false });
  expect(text).toContain('<string>/opt/a &amp; b/&lt;x&gt;</string>');
  expect(text).toContain('<string>&quot;it&apos;s&quot;</string>');
});

test.each(['/bin/a\u0000b', '/bin/\u001b[2J', '/bin/\ud800'])('refuses %p, which XML cannot hold', (part) => {
  expect(() => renderLaunchdPlist({ command: [part], isCopy: false })).toThrow('cannot be written');
});
