/** What the unit is made from. */
export interface ServiceUnit {
  /** Absolute path of the resolagent binary. */
  readonly program: string;
  /** What follows it: `daemon` and its options. */
  readonly args: readonly string[];
  /** Whether the program was put there by `service install`; the unit keeps that for `service uninstall`. */
  readonly isCopy: boolean;
}

/** The line of a unit whose program goes with it; systemd passes over sections and keys that begin with X-. */
export const COPY_MARK = 'X-ProgramCopied=yes';

// Run as root all the same, so these are what is left of root: the rules, a port below 1024, the own group, other users' /proc, and
// limits.
const CAPABILITIES = [
  'CAP_NET_ADMIN',
  'CAP_NET_BIND_SERVICE',
  'CAP_SETGID',
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
 * The systemd unit of the engine (systemd.service(5), systemd.exec(5)), for systemd 240 and newer. The network is configured after the
 * rules are in force, which the engine tells (systemd.special(7), network-pre.target). Stopping restores the network whatever the engine
 * does; after a crash its watchdog does as `failMode` says, and the engine is started again. Throws a RangeError on paths that a unit
 * cannot hold.
 */
export function renderUnit(unit: ServiceUnit): string {
  if (!unit.program.startsWith('/')) throw new RangeError(`not an absolute path: ${unit.program}`);
  return [
    '[Unit]',
    'Description=Resolagent, a firewall that knows the names of outbound connections',
    // Without the default ones, which would make a circle where sysinit.target waits for the network, as with cloud-init.
    'DefaultDependencies=no',
    'Conflicts=shutdown.target',
    // nftables.service flushes the whole ruleset when it starts.
    'After=local-fs.target nftables.service',
    'Before=network-pre.target shutdown.target',
    'Wants=network-pre.target',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=notify',
    `ExecStart=${[unit.program, ...unit.args].map(word).join(' ')}`,
    // When it is asked to stop, not after a crash: that is for the watchdog, which systemd must leave alive.
    `ExecStop=${word(unit.program)} reset`,
    'KillMode=process',
    'Restart=on-failure',
    'RestartSec=1',
    'TimeoutStartSec=60',
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
    ...(unit.isCopy ? ['', '[X-Resolagent]', COPY_MARK] : []),
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
