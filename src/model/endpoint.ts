import type { Ip } from './brand.ts';

/** Address and port. */
export interface Endpoint {
  readonly ip: Ip;
  readonly port: number;
}
