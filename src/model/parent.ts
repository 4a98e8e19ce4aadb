import type { Origin } from './flow.ts';

// Who merely carries a session from a person to a shell: names nobody recognises a program by.
const PLUMBING = new Set([
  'systemd',
  'init',
  'launchd',
  'login',
  'sshd',
  'sshd-session',
  'su',
  'sudo',
  'doas',
  'runuser',
  'setpriv',
  'env',
  'nohup',
  'timeout',
  'xargs',
  'tmux',
  'tmux: server',
  'screen',
  'SCREEN',
  'script',
  'gnome-terminal-',
  'gnome-terminal-server',
  'konsole',
  'xterm',
  'alacritty',
  'kitty',
  'wezterm-gui',
  'Terminal',
  'iTerm2',
  'containerd-shim',
  'containerd-shim-runc-v2',
]);
const SHELLS = new Set(['sh', 'bash', 'zsh', 'dash', 'fish', 'ash', 'ksh', 'tcsh', 'csh', 'busybox']);

/**
 * The parent that tells two runs of one program apart: the nearest that is neither shell nor session plumbing nor the
 * program itself; else the nearest shell; else null.
 */
export function interestingParent(origin: Pick<Origin, 'name' | 'parents'>): string | null {
  let shell: string | null = null;
  for (const parent of origin.parents) {
    const name = parent.name.replace(/^-/, '');
    if (name === '' || name === origin.name || PLUMBING.has(name)) continue;
    if (!SHELLS.has(name)) return name;
    shell ??= name;
  }
  return shell;
}

/** The program behind a connection, so far as places are shared out: what cannot be told is one program a user. */
export function programOf({ uid, path, name }: Origin): string {
  return `${uid ?? ''} ${path ?? name ?? ''}`;
}
