/** What the unit is made from. */
export interface ServiceUnit {
  /** Absolute path of the resolagent binary. */
  readonly program: string;
  /** What follows it: `daemon` and its options. */
  readonly args: readonly string[];
}

// Run as root all the same, so these are what is left of root: the rules, the own group, a low port, other users' /proc, and limits.
const CAPABILITIES = [
  'CAP_NET_ADMIN',
  'CAP_SETGID',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_PTRACE',
  'CAP_DAC_READ_SEARCH',
  'CAP_DAC_OVERRIDE',
  'CAP_SYS_RESOURCE',
];

// Each would run other code inside the binary, or load it.
const FORBIDDEN_ENVIRONMENT = [
  'BUN_OPTIONS',
  'BUN_BE_BUN',
  'BUN_INSPECT',
  'NODE_OPTIONS',
  'LD_PRELOAD',
  'LD_LIBRARY_PATH',
  'LD_AUDIT',
  'GCONV_PATH',
];

// Not here, because the firewall needs what they take away: PrivateTmp and ProtectHome=yes (an executable is known by
// comparing its path with its file, wherever it lies), ProtectProc (other users' processes), MemoryDenyWriteExecute (the JIT),
// @debug (pidfd_getfd, by which established connections go to the worker that moves them).
const HARDENING = [
  'NoNewPrivileges=yes',
  `CapabilityBoundingSet=${CAPABILITIES.join(' ')}`,
  'ProtectSystem=strict',
  'ProtectHome=read-only',
  'ProtectControlGroups=yes',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelLogs=yes',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'DevicePolicy=closed',
  'LockPersonality=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'RestrictNamespaces=yes',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'SystemCallArchitectures=native',
  'SystemCallFilter=~@clock @cpu-emulation @module @mount @obsolete @raw-io @reboot @swap',
];

/**
 * The systemd unit of the machine door (systemd.service(5), systemd.exec(5)), for systemd 240 and newer. SIGTERM goes to the engine alone,
 * which takes its rules away; its watchdog outlives it. Throws a RangeError on paths that a unit cannot hold.
 */
export function renderUnit(unit: ServiceUnit): string {
  if (!unit.program.startsWith('/')) throw new RangeError(`not an absolute path: ${unit.program}`);
  return [
    '[Unit]',
    'Description=Resolagent, a firewall that knows the names of outbound connections',
    // These flush the whole ruleset when they start.
    'After=network-pre.target nftables.service firewalld.service',
    'Wants=network-pre.target',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=exec',
    `ExecStart=${[unit.program, ...unit.args].map(word).join(' ')}`,
    'Restart=on-failure',
    'RestartSec=1',
    'KillMode=mixed',
    'TimeoutStopSec=15',
    'OOMPolicy=continue',
    'OOMScoreAdjust=-800',
    'LimitNOFILE=524288',
    'UMask=0077',
    'WorkingDirectory=/',
    'StandardInput=null',
    'Environment=PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C',
    `UnsetEnvironment=${FORBIDDEN_ENVIRONMENT.join(' ')}`,
    'ConfigurationDirectory=resolagent',
    'StateDirectory=resolagent',
    'RuntimeDirectory=resolagent',
    'ConfigurationDirectoryMode=0755',
    'StateDirectoryMode=0700',
    'RuntimeDirectoryMode=0755',
    ...HARDENING,
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n');
}

/** One word of a command line, with what systemd would expand or split made literal. */
function word(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this refuses
  if (text === '' || /[\u0000-\u001f\u007f]/.test(text)) {
    throw new RangeError(`cannot stand in a systemd unit: ${JSON.stringify(text)}`);
  }
  const literal = text.replaceAll('\\', '\\\\').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@%+=:,./-]+$/.test(literal) ? literal : `"${literal.replaceAll('"', '\\"')}"`;
}

// bun tools/systemd-unit.ts /usr/local/bin/resolagent daemon > /etc/systemd/system/resolagent.service
if (import.meta.main) {
  const [program = '/usr/local/bin/resolagent', ...args] = process.argv.slice(2);
  process.stdout.write(renderUnit({ program, args: args.length === 0 ? ['daemon'] : args }));
}
