import type { Attributor } from '../attribute/attributor.ts';
import type { CheckItem, Interceptor } from '../intercept/interceptor.ts';
import type { SourcePorts } from './dial.ts';

/** A listening descriptor on loopback, or why there is none. */
export type LoopbackListener =
  | { readonly ok: true; readonly fd: number }
  | { readonly ok: false; readonly errno: string };

/** The watchdog of `failMode = "open"` while it runs. */
export interface Guard {
  /** Called once when it ends without being told to. */
  onDeath(callback: () => void): void;
  /** Tells it which rules to remove when this process dies. */
  arm(rules: string): void;
  /** Tells it that the rules are gone, and waits for its end. */
  disarm(): Promise<void>;
}

/** What one operating system brings to the engine. */
export interface Platform {
  readonly interceptor: Interceptor;
  /** What identifies the installed rules, for the guard. */
  rulesId(): string;
  openAttributor(): Attributor;
  readonly sourcePorts: SourcePorts | null;
  /** The numeric id of the engine's group, made when it does not exist. */
  ensureGroup(name: string): Promise<number>;
  listen(ip: '127.0.0.1' | '::1', port: number): LoopbackListener;
  startGuard(): Promise<Guard>;
  raiseOpenFiles(wanted: number): number | null;
  /** Whether established flows can be moved by the kernel (splice). */
  readonly hasSplice: boolean;
  check(): Promise<readonly CheckItem[]>;
}
