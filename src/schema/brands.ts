import { z } from 'zod';
import type { FlowId, Host, Ip, Pid, RegistrableDomain, RuleId, Uid, UnixMs } from '../model/brand.ts';

/** What reads into `T` from the plain value that it is on the wire; the checks are those of `schema`. */
const branded = <T extends I, I extends string | number>(schema: z.ZodType<I, I>) =>
  schema as unknown as z.ZodType<T, I>;

// The brands of the model: a schema checks that it is text or a number, and whoever wrote it answers for the rest.
export const flowId = branded<FlowId, number>(z.int());
export const pid = branded<Pid, number>(z.int());
export const uid = branded<Uid, number>(z.int());
export const unixMs = branded<UnixMs, number>(z.number());
export const hostText = branded<Host, string>(z.string());
export const ipText = branded<Ip, string>(z.string());
export const domainText = branded<RegistrableDomain, string>(z.string());
export const ruleId = branded<RuleId, string>(z.string());
