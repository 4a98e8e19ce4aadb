import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../config/load.ts';
import type { Paths } from '../config/paths.ts';
import { keepRuleFiles, readRuleFolder, rulesFolder } from '../config/rule-folder.ts';
import type { Config } from '../config/schema.ts';
import type { UnixMs } from '../model/brand.ts';
import type { CheckedRule } from '../policy/rules/text.ts';

/** Parts of the configuration that are read once, at start. */
const FIXED = [
  'proxy.port',
  'intercept.failMode',
  'intercept.group',
  'trust.lookup',
  'ledger',
  'logging',
] as const;

/** What the files of an installation say now. */
export interface Read {
  /** Null when the file is in error: the last good configuration stays in force. */
  readonly config: Config | null;
  readonly rules: readonly CheckedRule[];
  readonly errors: readonly string[];
}

/** The configuration file and the folder of rules beside it, with a cheap way to see that they changed. */
export class Settings {
  #stamp: string;

  constructor(private readonly paths: Paths) {
    this.#stamp = this.#stampNow();
  }

  /** Reads the files, and keeps the rule files that are good. */
  read(now: UnixMs): Read {
    this.#stamp = this.#stampNow();
    const config = loadConfig(this.paths.config, this.paths.configGiven);
    const folder = readRuleFolder(this.paths, now);
    const errors = [...folder.errors, ...keepRuleFiles(this.paths, folder)];
    return {
      config: config.ok ? config.value : null,
      rules: folder.rules,
      errors: config.ok ? errors : [...config.errors, ...errors],
    };
  }

  /** Whether a file was written, came or went since the last `read`. A few stat calls. */
  changed(): boolean {
    return this.#stampNow() !== this.#stamp;
  }

  #stampNow(): string {
    const folder = rulesFolder(this.paths);
    const files = [this.paths.config, folder, ...namesIn(folder)];
    return files.map(stampOf).join('\n');
  }
}

/** The keys that differ and only count after a restart. */
export function needRestart(before: Config, after: Config): string[] {
  return FIXED.filter((key) => !Bun.deepEquals(valueAt(before, key), valueAt(after, key)));
}

function valueAt(config: Config, key: string): unknown {
  return key.split('.').reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], config);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    // The folder is optional.
    return [];
  }
}

function stampOf(path: string): string {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat === undefined ? `${path} none` : `${path} ${stat.ino} ${stat.mtimeMs} ${stat.size}`;
  } catch (error) {
    // A link to itself, for one. Reading it will say what is wrong with it.
    return `${path} ${String(error)}`;
  }
}
