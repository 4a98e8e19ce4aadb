import type { Attributor } from '../attribute/attributor.ts';
import type { Config } from '../config/schema.ts';
import type { Interceptor } from '../intercept/interceptor.ts';
import type { CheckItem } from '../model/check-item.ts';
import type { InterceptPlan } from '../model/intercept-plan.ts';
import type { Connect } from '../proxy/dial.ts';
import type { ListenerSockets } from '../proxy/listeners.ts';
import type { LoopBrake } from '../proxy/loop-brake.ts';

/** The watchdog while it runs. */
export interface Watchdog {
  /** Called once when it ends without being told to. */
  onDeath(callback: () => void): void;
  /** Tells it which rules to remove when this process dies; null: none. From then on it ends this process when that hangs. */
  arm(rules: string | null): void;
  /** Tells it that the rules are gone, and waits for its end. */
  disarm(): Promise<void>;
}

/** What one operating system brings to the engine. */
export interface Platform extends ListenerSockets {
  readonly interceptor: Interceptor;
  /** The lock file of the one engine that may have rules in this kernel, or in this network namespace of it. */
  readonly rulesLock: string;
  /** What identifies the installed rules, for the watchdog. */
  rulesId(): string;
  /** `proxyPort` tells the port that the kernel redirects to; asked when a flow is looked up. */
  openAttributor(proxyPort: () => number): Attributor;
  /** How upstream connections are made. */
  readonly connect: Connect;
  /** What ends circles of connections; null where none can come about. */
  readonly loops: LoopBrake | null;
  /** The numeric id of the engine's group, made when it does not exist. */
  ensureGroup(name: string): Promise<number>;
  /** `lives`: whether the engine's threads run, asked twice a second by the thread that beats. */
  startWatchdog(lives: () => boolean): Promise<Watchdog>;
  raiseOpenFiles(wanted: number): number | null;
  /** Whether established flows can be moved by the kernel (splice). */
  readonly hasSplice: boolean;
}

/** What commands need of one operating system without an engine. */
export interface PlatformTools {
  /** See `Platform.rulesLock`. */
  readonly rulesLock: () => string;
  /** Changes nothing. `deep` adds, for `doctor`, checks that take seconds or keep nobody from starting. */
  checks(config: Config, deep: boolean): Promise<readonly CheckItem[]>;
  /** The text of the rules, on any machine. */
  render(plan: InterceptPlan): string;
  /** Lets the kernel's own tool read the text. `by`: the tool; null where it is missing, which `errors` then says. */
  validate(text: string): Promise<{ readonly by: string | null; readonly errors: readonly string[] }>;
  /** Takes the rules out of force, and leaves what open connections need to hear of their end; no error when there are none. */
  letPass(): Promise<void>;
  /** Takes our rules away; needs nothing of a former run. */
  remove(): Promise<void>;
  /** Takes exactly the rules with this id away. */
  removeById(id: string): Promise<void>;
  /** Makes the engine's group where there is none. */
  makeGroup(name: string): Promise<unknown>;
  /** `used`: somebody else can be in it. */
  groupUse(name: string): Promise<'absent' | 'unused' | 'used'>;
  /** Takes it away. Throws when the system's tool fails. */
  removeGroup(name: string): Promise<void>;
}
