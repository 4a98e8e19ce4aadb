import type { Config } from '../config/schema.ts';
import type { InterceptPlan } from '../model/intercept-plan.ts';

/** What the configuration asks of the kernel. */
export function interceptPlan(config: Config, gid: number, ipv6Listener: boolean): InterceptPlan {
  const { ports, skip, udp443 } = config.intercept;
  return { port: config.proxy.port, gid, skip, ports, rejectUdp443: udp443 === 'reject', ipv6Listener };
}
