import { type ProgramInput, type ProgramResult, programError } from '../src/system/run-program.ts';
import { PF_ANCHOR } from './anchor-name.ts';
import {
  type PfReference,
  parseEnabled,
  parseReferences,
  parseRules,
  parseStateLimit,
  parseStates,
  parseToken,
  referencesAppleAnchors,
  skipsLoopback,
} from './parse.ts';

const PFCTL = '/sbin/pfctl';
const PFCTL_TIMEOUT_MS = 5_000;
const MAIN_RULES = '/etc/pf.conf';

// What pfctl says on stderr whenever it is called: not errors.
const NOISE =
  /^(No ALTQ support in kernel|ALTQ related functions disabled|.*Use of -f option.*|present in the main ruleset.*|See \/etc\/pf\.conf for.*)$/;

/** Starts a program and waits for it; throws when it cannot be started. */
export type Run = (input: ProgramInput) => Promise<ProgramResult>;

/** Calls pfctl with these arguments, and with `stdin` for `-f -`. Throws when it cannot be started. */
export type Pfctl = (args: readonly string[], stdin?: string) => Promise<ProgramResult>;

/** pfctl by its absolute path, with a time limit and a fixed environment. */
export function pfctlWith(run: Run): Pfctl {
  return async (args, stdin) => {
    try {
      return await run({
        path: PFCTL,
        args,
        timeoutMs: PFCTL_TIMEOUT_MS,
        ...(stdin === undefined ? {} : { stdin }),
      });
    } catch (error) {
      throw new Error(`cannot run ${PFCTL}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

/** What pfctl said, without the lines it says every time. */
export function pfctlWords(result: ProgramResult): string {
  const meant = result.stderr.split('\n').filter((line) => !NOISE.test(line.trim()));
  return programError({ ...result, stderr: meant.join('\n') });
}

/** Lets pfctl read the text without loading it; null when it is fine, else what pfctl said. */
export async function checkAnchor(pfctl: Pfctl, text: string): Promise<string | null> {
  const result = await pfctl(['-a', PF_ANCHOR, '-n', '-f', '-'], text);
  return result.code === 0 ? null : pfctlWords(result);
}

/** Replaces what our anchor holds, in one transaction. Throws with pfctl's words, and then nothing has changed. */
export async function loadAnchor(pfctl: Pfctl, text: string): Promise<void> {
  const result = await pfctl(['-a', PF_ANCHOR, '-f', '-'], text);
  if (result.code !== 0) throw new Error(`pfctl did not load the anchor: ${pfctlWords(result)}`);
}

/** Empties our anchor: rules, redirects and tables, and nothing of anybody else. No error when it is empty. */
export async function flushAnchor(pfctl: Pfctl): Promise<void> {
  const result = await pfctl(['-a', PF_ANCHOR, '-F', 'all']);
  if (result.code === 0) return;
  const left = await anchorRules(pfctl);
  if (left.filter.length + left.redirect.length > 0) {
    throw new Error(`pfctl did not empty the anchor: ${pfctlWords(result)}`);
  }
}

/** The rules in our anchor, as the kernel gives them back. Throws when pfctl cannot tell, for want of privilege for instance. */
export async function anchorRules(
  pfctl: Pfctl,
): Promise<{ filter: readonly string[]; redirect: readonly string[] }> {
  const filter = await show(pfctl, ['-a', PF_ANCHOR, '-s', 'rules']);
  const redirect = await show(pfctl, ['-a', PF_ANCHOR, '-s', 'nat']);
  return { filter: parseRules(filter), redirect: parseRules(redirect) };
}

/** Whether pf is on at all; null when its status cannot be read. */
export async function isEnabled(pfctl: Pfctl): Promise<boolean | null> {
  return parseEnabled(await show(pfctl, ['-s', 'info']));
}

/** How many connections pf keeps track of, and may; null when it does not tell. Never throws. */
export async function stateTable(pfctl: Pfctl): Promise<{ states: number; limit: number } | null> {
  const [info, memory] = [await pfctl(['-s', 'info']), await pfctl(['-s', 'memory'])];
  const [states, limit] = [parseStates(info.stdout), parseStateLimit(memory.stdout)];
  return states === null || limit === null ? null : { states, limit };
}

/** Turns pf on and returns the token of our reference to it, to be given back with `release`. */
export async function enable(pfctl: Pfctl): Promise<string> {
  const result = await pfctl(['-E']);
  const token = parseToken(result.stderr) ?? parseToken(result.stdout);
  if (token === null) throw new Error(`pfctl did not enable pf: ${pfctlWords(result)}`);
  return token;
}

/** Who keeps pf on. */
export async function references(pfctl: Pfctl): Promise<readonly PfReference[]> {
  return parseReferences(await show(pfctl, ['-s', 'References']));
}

/** Gives a reference back; pf stops with the last one. False when the kernel did not know it (somebody ran `pfctl -d`). */
export async function release(pfctl: Pfctl, token: string): Promise<boolean> {
  return (await pfctl(['-X', token])).code === 0;
}

/** Why the main rule set would not let our anchor work; null when it would. */
export async function mainRulesProblem(pfctl: Pfctl): Promise<string | null> {
  if (!referencesAppleAnchors(await show(pfctl, ['-s', 'rules']), 'anchor')) {
    return 'the main rule set does not evaluate anchor "com.apple/*"';
  }
  if (!referencesAppleAnchors(await show(pfctl, ['-s', 'nat']), 'rdr-anchor')) {
    return 'the main rule set does not evaluate rdr-anchor "com.apple/*"';
  }
  const skipped = skipsLoopback(await show(pfctl, ['-v', '-s', 'Interfaces', '-i', 'lo0']));
  return skipped ? 'pf is told to skip lo0, so that no redirect is made on it' : null;
}

/** Loads /etc/pf.conf again as it stands. What other programs put into the main rule set at run time is lost. */
export async function reloadMainRules(pfctl: Pfctl): Promise<void> {
  const result = await pfctl(['-f', MAIN_RULES]);
  if (result.code !== 0) throw new Error(`pfctl did not load ${MAIN_RULES}: ${pfctlWords(result)}`);
}

/** Standard output of a question that changes nothing; throws when it failed. */
export async function show(pfctl: Pfctl, args: readonly string[]): Promise<string> {
  const result = await pfctl(args);
  if (result.code !== 0) throw new Error(`pfctl ${args.join(' ')}: ${pfctlWords(result)}`);
  return result.stdout;
}
