import type { Config } from '../config/schema.ts';
import type { InterceptPlan } from '../model/intercept-plan.ts';

/** What the configuration and the rules ask of the kernel; `divert` as in the plan. */
export function interceptPlan(
  config: Config,
  gid: number,
  ipv6Listener: boolean,
  divert: readonly string[],
): InterceptPlan {
  const { ports, skip, udp443 } = config.intercept;
  return {
    port: config.proxy.port,
    gid,
    skip,
    divert,
    ports,
    rejectUdp443: udp443 === 'reject',
    ipv6Listener,
  };
}
