import type { Config } from '../config/schema.ts';
import { type InterceptPlan, proxyPorts } from '../model/intercept-plan.ts';

/** What is known once the engine listens. */
export interface Kernel {
  readonly gid: number;
  readonly port: number;
  readonly ipv6: boolean;
}

/** What the configuration and the rules ask of the kernel; `divert` as in the plan. */
export function interceptPlan(
  config: Config,
  { gid, port, ipv6 }: Kernel,
  divert: readonly string[],
): InterceptPlan {
  const { ports, skip, udp443 } = config.intercept;
  return {
    port,
    sparePorts: proxyPorts(config.proxy.port).filter((spare) => spare !== port),
    gid,
    skip,
    divert,
    ports,
    rejectUdp443: udp443 === 'reject',
    ipv6Listener: ipv6,
  };
}
