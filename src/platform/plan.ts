import type { Config } from '../config/schema.ts';
import { type InterceptPlan, proxyPorts } from '../model/intercept-plan.ts';

/** What is known once the engine listens. */
export interface Kernel {
  readonly gid: number;
  readonly port: number;
  readonly ipv6: boolean;
}

/** What the configuration asks of the kernel. */
export function interceptPlan(config: Config, { gid, port, ipv6 }: Kernel): InterceptPlan {
  const { ports, skip, udp443 } = config.intercept;
  const sparePorts = proxyPorts(config.proxy.port).filter((spare) => spare !== port);
  return { port, sparePorts, gid, skip, ports, rejectUdp443: udp443 === 'reject', ipv6Listener: ipv6 };
}
