import { randomInt } from 'node:crypto';
import type {
  Accepted,
  Interceptor,
  OriginalDst,
  ProbeResult,
  RulesNews,
} from '../src/intercept/interceptor.ts';
import type { Ip } from '../src/model/brand.ts';
import type { CheckItem } from '../src/model/check-item.ts';
import type { Endpoint } from '../src/model/endpoint.ts';
import type { InterceptPlan } from '../src/model/intercept-plan.ts';
import type { LinuxLibc } from '../src/system/libc.ts';
import { checkMachine } from './check.ts';
import { OriginalDstReader } from './original-dst.ts';
import { Probe } from './probe.ts';
import { loadTable, readTable, removeTable } from './runner.ts';
import { renderTable } from './table.ts';
import type { TableChange } from './table-events.ts';
import { skips } from './table-ranges.ts';
import { TableWatch } from './watch.ts';

// Benchmarking ranges, never routed on the internet: RFC 2544 and RFC 5180.
const PROBE_V4 = '198.18.0.1' as Ip;
const PROBE_V6 = '2001:2::1' as Ip;
const PROBE_PORTS = { min: 32_768, max: 65_535 };

/** Interception on Linux: one nftables table of our own, and the destination from connection tracking. */
export class NftInterceptor implements Interceptor {
  readonly #originalDst: OriginalDstReader;
  readonly #probe: Probe;
  #plan: InterceptPlan | null = null;
  #handle: string | null = null;
  #onNews: ((news: RulesNews) => void) | null = null;
  /** The last change since `install` began, until the handle of what it loads is known; null when none came, or none is loaded now. */
  #unjudged: TableChange | null = null;
  #loading = false;
  /** The table that was made last, by whomever. */
  #madeLast: string | null = null;

  /** `group`, the name of the engine's own group, and `port`, the proxy's as configured, are for `check`. */
  constructor(
    private readonly libc: LinuxLibc,
    private readonly group: string,
    private readonly port: number,
  ) {
    this.#originalDst = new OriginalDstReader(libc);
    this.#probe = new Probe(libc);
  }

  check(): Promise<readonly CheckItem[]> {
    return checkMachine(this.group, this.port, true);
  }

  async install(plan: InterceptPlan): Promise<void> {
    this.#loading = true;
    try {
      this.#handle = await loadTable(renderTable(plan));
      this.#plan = plan;
    } finally {
      this.#loading = false;
      const change = this.#unjudged;
      this.#unjudged = null;
      if (change !== null) this.#judge(change);
    }
  }

  watch(onNews: (news: RulesNews) => void): () => void {
    this.#onNews = onNews;
    const watch = new TableWatch(this.libc, (change) => {
      if (change === null) onNews({ kind: 'missed' });
      else this.#changed(change);
    });
    return () => {
      this.#onNews = null;
      watch.close();
    };
  }

  #changed({ handle, ...rest }: TableChange): void {
    // A table that is there already is named with its handle too when its flags change: `dormant` puts all its chains to sleep.
    const change = { handle: handle === this.#madeLast ? null : handle, ...rest };
    this.#madeLast = handle ?? this.#madeLast;
    if (this.#loading) this.#unjudged = change;
    else this.#judge(change);
  }

  /** The transaction that made the table we loaded last is our own; the kernel gives no handle twice. */
  #judge({ handle, by, released }: TableChange): void {
    if (released) this.#onNews?.({ kind: 'released' });
    else if (handle === null || handle !== this.#handle) this.#onNews?.({ kind: 'changed', by });
  }

  /** The kernel's handle of the table that `install` loaded last: what the watchdog is armed with. Null before, and after `remove`. */
  installedId(): string | null {
    return this.#handle;
  }

  async remove(): Promise<void> {
    await removeTable(this.libc);
    this.#handle = null;
    this.#plan = null;
  }

  async installed(): Promise<boolean> {
    const table = await readTable();
    if (table.state === 'absent' || table.handle !== this.#handle) return false;
    return table.text.includes('redirect to :') && !table.text.includes('flags dormant');
  }

  originalDst(accepted: Accepted): OriginalDst {
    return this.#originalDst.read(accepted);
  }

  async probe(timeoutMs: number): Promise<ProbeResult> {
    const plan = this.#plan;
    const targets = probeTargets(plan);
    if (targets.length > 0) return this.#probe.run(targets, timeoutMs);
    return { state: 'no_route', detail: `${PROBE_V4} is among intercept.skip: nothing can be tested` };
  }

  isProbe(dst: Endpoint): boolean {
    return this.#probe.isProbe(dst);
  }
}

/** Where to knock: an address of each family that the plan intercepts, on a port that it intercepts. */
function probeTargets(plan: InterceptPlan | null): Endpoint[] {
  const ports = plan?.ports ?? 'all';
  const port =
    ports === 'all'
      ? randomInt(PROBE_PORTS.min, PROBE_PORTS.max + 1)
      : (ports[randomInt(ports.length)] ?? PROBE_PORTS.min);
  const families = plan?.ipv6Listener === false ? [PROBE_V4] : [PROBE_V4, PROBE_V6];
  return families.filter((ip) => !skips(plan?.skip ?? [], ip)).map((ip) => ({ ip, port }));
}
