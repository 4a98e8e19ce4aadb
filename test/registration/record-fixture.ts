import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RdapRecord, RegistrationRecord } from '../../src/registration/record.ts';

const FOLDER = join(import.meta.dir, '../fixtures/judge/whois');

/** A recorded-style answer of a registry, as text. */
export function recordFixture(file: string): string {
  return readFileSync(join(FOLDER, file), 'utf8');
}

/** A record with its dates as days, for comparing. */
export type Shown = Record<string, unknown>;

export function shown(record: RdapRecord): Shown {
  const day = (at: number | null): string | null =>
    at === null ? null : new Date(at).toISOString().slice(0, 10);
  const { registeredAt, updatedAt, expiresAt, ...rest } = record;
  return { ...rest, registered: day(registeredAt), updated: day(updatedAt), expires: day(expiresAt) };
}

/** A record in which nothing is told but what `told` says. */
export function expected(told: Shown): Shown {
  return {
    source: 'rdap',
    registered: null,
    updated: null,
    expires: null,
    registrar: null,
    statuses: [],
    organisation: null,
    country: null,
    concealment: null,
    nameServers: ['ns1.dns-host.test', 'ns2.dns-host.test'],
    ...told,
  };
}

/** Every text of a record, for looking at what is in it. */
export function textsOf(record: RegistrationRecord): string[] {
  return Object.values(record)
    .flat()
    .filter((value) => typeof value === 'string');
}
