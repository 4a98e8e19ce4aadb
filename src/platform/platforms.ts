import { readFileSync } from 'node:fs';
import { readGroups } from '../../nft/group-file.ts';
import type { Config } from '../config/schema.ts';
import type { CheckItem } from '../model/check-item.ts';
import type { InterceptPlan } from '../model/intercept-plan.ts';
import { interceptPlan } from './plan.ts';
import type { Platform, PlatformTools } from './platform.ts';

export type PlatformName = 'darwin' | 'linux';

/** Stands in for the number of a group that does not exist on this machine yet. */
const EXAMPLE_GID = 399;

/** What this machine's system brings to an engine. `selfCommand` is this program; `warn` hears what a person should know. */
export async function createPlatform(
  config: Config,
  selfCommand: readonly string[],
  warn: (text: string) => void,
): Promise<Platform> {
  if (process.platform === 'linux') {
    return (await import('./linux.ts')).linuxPlatform(config, selfCommand);
  }
  if (process.platform === 'darwin') {
    return (await import('./darwin.ts')).darwinPlatform(config, selfCommand, warn);
  }
  throw new Error(`resolagent runs on Linux and macOS, not on ${process.platform}`);
}

/** What commands need of this machine without an engine. Throws on systems without an interceptor. */
export function platformTools(): Promise<PlatformTools> {
  const name = process.platform;
  if (name === 'linux' || name === 'darwin') return toolsOf(name);
  throw new Error(`resolagent runs on Linux and macOS, not on ${name}`);
}

async function toolsOf(platform: PlatformName): Promise<PlatformTools> {
  if (platform === 'linux') return (await import('./linux.ts')).linuxTools;
  return (await import('./darwin.ts')).darwinTools;
}

/** What the machine must have, and has. */
export async function machineChecks(config: Config, deep: boolean): Promise<readonly CheckItem[]> {
  const name = process.platform;
  if (name === 'linux' || name === 'darwin') return (await toolsOf(name)).checks(config, deep);
  const remedy = 'run it on Linux or macOS';
  return [{ name: 'system', state: 'fail', detail: `${name} has no interceptor`, remedy }];
}

/** The kernel rules as they would be loaded, for either system, on any machine. */
export async function renderRules(platform: PlatformName, config: Config): Promise<string> {
  const gid = groupId(config.intercept.group);
  const kernel = { gid: gid ?? EXAMPLE_GID, port: config.proxy.port, ipv6: true };
  const plan: InterceptPlan = interceptPlan(config, kernel, []);
  const text = (await toolsOf(platform)).render(plan);
  if (gid !== null) return text;
  return `# ${EXAMPLE_GID} stands for group ${config.intercept.group}, which this machine does not have yet\n${text}`;
}

/** Lets the kernel's own tool read rules without loading them. */
export async function checkRules(
  platform: PlatformName,
  text: string,
): ReturnType<PlatformTools['validate']> {
  return (await toolsOf(platform)).validate(text);
}

/** Takes our rules out of force in this machine's kernel, and leaves what open connections need to hear of their end. */
export async function letConnectionsPass(): Promise<void> {
  if (process.platform === 'linux' || process.platform === 'darwin')
    await (await toolsOf(process.platform)).letPass();
}

/** Takes our rules out of this machine's kernel. */
export async function removeRules(): Promise<void> {
  if (process.platform === 'linux' || process.platform === 'darwin')
    await (await toolsOf(process.platform)).remove();
}

/** The lock file of the engine that has its rules in this kernel, or in this network namespace of it; null on other systems. */
export async function rulesLock(): Promise<string | null> {
  if (process.platform !== 'linux' && process.platform !== 'darwin') return null;
  return (await toolsOf(process.platform)).rulesLock();
}

/** Takes exactly the rules with this id out of this machine's kernel. */
export async function removeRulesById(id: string): Promise<void> {
  if (process.platform === 'linux' || process.platform === 'darwin')
    await (await toolsOf(process.platform)).removeById(id);
}

function groupId(name: string): number | null {
  try {
    return readGroups(readFileSync('/etc/group', 'utf8')).find((group) => group.name === name)?.gid ?? null;
  } catch {
    // No such file: then there is no such group either.
    return null;
  }
}
