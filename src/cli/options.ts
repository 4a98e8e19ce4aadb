import { type Command, InvalidArgumentError } from 'commander';
import { type PathOptions, type Paths, resolvePaths } from '../config/paths.ts';
import { CommandError, EXIT } from './print.ts';

/** The most verdicts of the judge that the engine tells in one answer. */
export const LEARNED_MAX = 5_000;

const STATE = ['--state <dir>', 'folder of the ledger and lists'] as const;

/** Adds the three options that say where things are, which every command takes; `state` is the second of them. */
export function withPaths(command: Command, state: readonly [string, string] = STATE): Command {
  return command
    .option('--config <file>', 'configuration file')
    .option(...state)
    .option('--socket <path>', 'control socket');
}

/** The places in force; options may stand before or after the name of the command. */
export function pathsOf(command: Command): Paths {
  const { state, ...given } = command.optsWithGlobals<
    Omit<PathOptions, 'state'> & { state?: string | true }
  >();
  // `uninstall --state` asks for the folder without naming it; for the others it names one.
  if (state === true && command.name() !== 'uninstall')
    throw new CommandError(EXIT.usage, "option '--state <dir>' argument missing");
  const places = typeof state === 'string' ? { ...given, state } : given;
  return resolvePaths(places, process.env, process.geteuid?.() ?? 0);
}

/** Whether JSON is asked for. */
export function wantsJson(command: Command): boolean {
  return command.optsWithGlobals<{ json?: true }>().json === true;
}

const DAY_MS = 86_400_000;
const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS };

/** Reads `90s`, `15m`, `1h`, `7d`, `2w` as milliseconds. */
export function durationMs(text: string): number {
  const [, amount, unit] = /^(\d{1,9})(ms|s|m|h|d|w)$/.exec(text) ?? [];
  const factor = UNITS[unit ?? ''];
  if (amount === undefined || factor === undefined || Number(amount) === 0) {
    throw new InvalidArgumentError('write a number and a unit: 90s, 15m, 1h, 7d, 2w');
  }
  return Number(amount) * factor;
}

/** Reads `--since`: a duration back from now, or a moment in ISO 8601. */
export function sinceMs(text: string): number {
  if (/^\d+(ms|s|m|h|d|w)$/.test(text)) return Date.now() - durationMs(text);
  const moment = Date.parse(text);
  if (Number.isNaN(moment))
    throw new InvalidArgumentError('write 1h, 7d or a moment such as 2026-01-31T08:00');
  return moment;
}

/** A reader of whole numbers from 1 to `max`; another text ends the command with `expected`. */
export function wholeNumber(
  max: number = Number.MAX_SAFE_INTEGER,
  expected: string = max === Number.MAX_SAFE_INTEGER ? 'a number from 1 on' : `a number from 1 to ${max}`,
): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^[1-9]\d{0,15}$/.test(text) && value <= max) return value;
    throw new InvalidArgumentError(`expected ${expected}`);
  };
}
