import { readdirSync, readFileSync } from 'node:fs';

const KIB = 1_024;

interface Usage {
  readonly rssKb: number;
  readonly descriptors: number;
}

/** What a process uses, against what it used at first (proc(5)). */
export class Resources {
  readonly #first: Usage;

  constructor(private readonly pid: number) {
    this.#first = usageOf(pid);
  }

  text(): string {
    const { rssKb, descriptors } = usageOf(this.pid);
    return `${Math.round(rssKb / KIB)} MB resident, ${descriptors} descriptors`;
  }

  /** Memory more than at first, a connection. Descriptors of other threads' tables are not seen. */
  perConnection(connections: number): string {
    const moreKb = usageOf(this.pid).rssKb - this.#first.rssKb;
    return `${(moreKb / Math.max(1, connections)).toFixed(1)} KB a connection`;
  }

  descriptorsMore(): number {
    return usageOf(this.pid).descriptors - this.#first.descriptors;
  }
}

function usageOf(pid: number): Usage {
  const [, rss = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { rssKb: Number(rss), descriptors: readdirSync(`/proc/${pid}/fd`).length };
}
