import { DEFAULTS } from '../../src/config/defaults.ts';
import type { InterceptPlan } from '../../src/model/intercept-plan.ts';

/** The plan of the anchor in the facts: ports 80 and 443, proxy on 8443, the default skip list. */
export const FACTS_PLAN: InterceptPlan = {
  port: 8_443,
  gid: 399,
  skip: DEFAULTS.intercept.skip,
  ports: [80, 443],
  rejectUdp443: true,
};
