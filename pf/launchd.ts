/** The name of the service, and of its file in /Library/LaunchDaemons. */
export const LAUNCHD_LABEL = 'org.resolagent.daemon';

/** What a service of this machine runs as. */
export interface LaunchdJob {
  /** Absolute program and its arguments. */
  readonly command: readonly string[];
  /** Whether the program was put there by `service install`; the file keeps that for `service uninstall`. */
  readonly isCopy: boolean;
}

/** The line of a file whose program goes with it. */
export const LAUNCHD_COPY_MARK = '<!-- the program was copied by service install -->';
/** What launchd would throw away: what the engine says to a person. */
export const LAUNCHD_LOG = '/var/log/resolagent.log';

// Seconds between two starts of an engine that keeps dying, and for its end after SIGTERM.
const THROTTLE_SECONDS = 5;
const EXIT_SECONDS = 10;
const OPEN_FILES = 10_240;

// The two Bun variables run foreign code inside the binary when they are set (docs/facts/bun-ink.md, "Build"); empty is off.
const ENVIRONMENT = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', BUN_BE_BUN: '', BUN_OPTIONS: '' };

/**
 * Renders the property list of a LaunchDaemon (launchd.plist(5)) that starts the engine at boot, and again when it
 * failed; the engine makes its group itself. To be written as root:wheel 0644 and loaded with `launchctl bootstrap system FILE`.
 */
export function renderLaunchdPlist(job: LaunchdJob): string {
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    ...(job.isCopy ? [LAUNCHD_COPY_MARK] : []),
    '<plist version="1.0">',
    '<dict>',
    ...pair('Label', [text(LAUNCHD_LABEL)]),
    ...pair('ProgramArguments', ['<array>', ...job.command.map((part) => `  ${text(part)}`), '</array>']),
    ...pair('EnvironmentVariables', dict(ENVIRONMENT, text)),
    ...pair('RunAtLoad', ['<true/>']),
    // One that was stopped stays so.
    ...pair(
      'KeepAlive',
      dict({ SuccessfulExit: '<false/>' }, (value) => value),
    ),
    ...pair('StandardErrorPath', [text(LAUNCHD_LOG)]),
    ...pair('ThrottleInterval', [integer(THROTTLE_SECONDS)]),
    ...pair('ExitTimeOut', [integer(EXIT_SECONDS)]),
    ...pair('SoftResourceLimits', dict({ NumberOfFiles: OPEN_FILES }, integer)),
    '</dict>',
    '</plist>',
  ];
  return `${lines.join('\n')}\n`;
}

function pair(key: string, value: readonly string[]): string[] {
  return [`<key>${key}</key>`, ...value].map((line) => `  ${line}`);
}

function dict<V>(entries: Readonly<Record<string, V>>, render: (value: V) => string): string[] {
  const inner = Object.entries(entries).flatMap(([key, value]) => [`<key>${key}</key>`, render(value)]);
  return ['<dict>', ...inner.map((line) => `  ${line}`), '</dict>'];
}

function integer(value: number): string {
  return `<integer>${value}</integer>`;
}

const XML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

// XML 1.0 has no way to write these at all, not even escaped.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this refuses
const NOT_IN_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

function text(value: string): string {
  if (NOT_IN_XML.test(value) || !value.isWellFormed()) {
    throw new Error(`cannot be written in a property list: ${JSON.stringify(value)}`);
  }
  return `<string>${value.replace(/[&<>"']/g, (c) => XML[c] ?? c)}</string>`;
}
