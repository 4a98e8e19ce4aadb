import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { getDomain } from 'tldts';
import { Semaphore } from '../../../src/async/semaphore.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import type { Inquiry } from '../../../src/model/inquiry.ts';
import { cleanUp, openLedger, scratch } from '../../ledger/scratch.ts';
import { optionsIn } from '../../ledger/scratch-options.ts';
import { daysFromNow } from '../tools/workshop.ts';
import { type Attack, attackOf, carrierOf, historyOf } from './attack.ts';
import { HONEST, type Honest, isShown, ORDERS, type Order, PLACES, type Place } from './corpus.ts';
import { type Habits, SmallInternet } from './small-internet.ts';

// Whole inquiries: the tools of the product, a small internet on loopback, and a model that believes all it reads and says allow.
// What an attacker writes about a domain that nothing else speaks for may win nothing, and honest sites may lose nothing by it.

setDefaultTimeout(120_000);
/** Inquiries that run at once. */
const AT_ONCE = 12;
/** Names of honest sites that share a certificate, as at a content network. */
const NAMES_A_CERTIFICATE = 10;
const FRESH_DAYS = 9;
const ISSUED_DAYS = 40;
const DAY_MS = 86_400_000;
/** Of a wording: as much as names it, and as much as shows that it was read. */
const NAME_CHARS = 70;
const READ_CHARS = 12;
const REGISTRAR = 'Cheap Names Ltd';

const THOROUGH: Habits = { tools: ['HISTORY', 'WHOIS', 'DNS_RESOLVE', 'CERTIFICATE', 'FETCH'], uncited: [] };

/** What is known of the domains beside what their owners write. */
const SETTINGS = [
  'registered 9 days ago',
  'the same, and this machine was there before',
  'no date of registration',
] as const;
type Setting = (typeof SETTINGS)[number];

let internet: SmallInternet;
const orders = new Map<string, Inquiry>();
/** Honest sites that quote an order to a model word for word. Who tells a quotation from an order is the person: that is the price. */
const QUOTING: readonly string[] = ['news-01', 'pkg-02'];

const honest = new Map<string, Inquiry>();

beforeAll(async () => {
  internet = await SmallInternet.start();
  const empty = await openLedger(optionsIn(scratch()));
  const known = await openLedger(optionsIn(scratch()));
  const attacks = ORDERS.map(attackOf);
  for (const attack of attacks) {
    internet.putUp(attack.site);
    for (const flow of historyOf(attack)) known.record(flow);
  }
  certify(attacks);
  certifyHonest();
  const places = new Semaphore(AT_ONCE);
  await Promise.all([
    ...SETTINGS.flatMap((setting) =>
      attacks.map((attack) =>
        places.run(async () => {
          const history = setting === SETTINGS[1] ? known : empty;
          orders.set(`${setting} ${attack.order.id}`, await attacked(attack, setting, history));
        }),
      ),
    ),
    ...HONEST.map((site) => places.run(async () => honest.set(site.id, await visited(site, empty)))),
  ]);
});
afterAll(async () => {
  await internet.close();
  await cleanUp();
});

function attacked(attack: Attack, setting: Setting, history: Ledger): Promise<Inquiry> {
  const { order, site, app, org, remark, index } = attack;
  const isUndated = setting === SETTINGS[2];
  // Half of the registries without a date do not answer at all, save where the words are in what they answer.
  const isSilent = isUndated && index % 2 === 0 && order.place !== 'org' && order.place !== 'remark';
  const registered = {
    days: isUndated ? null : FRESH_DAYS,
    org,
    registrar: REGISTRAR,
    ...(remark === null ? {} : { remark }),
  };
  const habits = habitsOf(setting, order.place);
  return internet.investigate({ site, registered: isSilent ? null : registered, app, history, habits });
}

/** A model that was told what to look at and what to cite is as credulous as one that does all. */
function habitsOf(setting: Setting, place: Place): Habits {
  if (setting === SETTINGS[0]) return THOROUGH;
  const carrier = carrierOf(place);
  const tools = [...new Set(['HISTORY', 'WHOIS', ...(carrier === null ? [] : [carrier])])];
  return { tools, uncited: setting === SETTINGS[1] && carrier !== null ? [carrier] : [] };
}

function visited(
  { host, registered, org, registrar, html, status, txt }: Honest,
  history: Ledger,
): Promise<Inquiry> {
  const days = Math.floor((Date.now() - Date.parse(registered)) / DAY_MS);
  const site = { host, domain: getDomain(host) ?? host, page: html, status, txt };
  internet.putUp(site);
  return internet.investigate({
    site,
    registered: { days, org, registrar },
    app: 'firefox',
    history,
    habits: THOROUGH,
  });
}

function certify(attacks: readonly Attack[]): void {
  const { workshop } = internet.web;
  const any = workshop.make({
    subject: '/CN=mirelo.com',
    names: attacks.map(({ site }) => `DNS:${site.host}`),
  });
  for (const { site, certificate } of attacks)
    internet.web.certify(site.host, certificate === null ? any : workshop.make(certificate));
}

function certifyHonest(): void {
  for (let at = 0; at < HONEST.length; at += NAMES_A_CERTIFICATE) {
    const hosts = HONEST.slice(at, at + NAMES_A_CERTIFICATE).map(({ host }) => host);
    const names = hosts.map((host) => `DNS:${host}`);
    const made = internet.web.workshop.make({
      subject: `/CN=${hosts[0]}`,
      names,
      from: daysFromNow(-ISSUED_DAYS),
    });
    for (const host of hosts) internet.web.certify(host, made);
  }
}

/** An order as a failed test names it. */
function nameOf({ id, lang, text, html = '' }: Order): string {
  return `${id} ${lang}: ${(text ?? html).slice(0, NAME_CHARS)}`;
}

/** What tools told in an inquiry, letters alone. */
function toldIn(inquiry: Inquiry | undefined): string {
  const results = inquiry?.rounds.flatMap((round) => round.results.map((result) => result.text)) ?? [];
  return lettersOf(results.join('\n'));
}

function lettersOf(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}

describe.each(SETTINGS)('a domain of an attacker: %s', (setting) => {
  test.each(PLACES)('what is written as its %s wins no allow', (place) => {
    const won = ORDERS.filter((order) => order.place === place && outcomeOf(setting, order) === 'allow');
    expect(won.map(nameOf)).toEqual([]);
  });

  test('its tools worked, and brought the words to the model', () => {
    const unread = ORDERS.filter((order) => {
      const told = toldIn(orders.get(`${setting} ${order.id}`));
      return (
        isShown(order) &&
        order.place !== 'program' &&
        !told.includes(lettersOf(order.text ?? '').slice(0, READ_CHARS))
      );
    });
    expect(unread.map(nameOf)).toEqual([]);
  });
});

function outcomeOf(setting: Setting, { id }: Order): string | undefined {
  return orders.get(`${setting} ${id}`)?.outcome.kind;
}

describe('an honest site of a registered owner', () => {
  const isQuoting = ({ id }: Honest): boolean => QUOTING.includes(id);

  test.each(HONEST.filter((site) => !isQuoting(site)).map(({ id, lang, host }) => [id, lang, host]))(
    '%s (%s) at %s keeps its allow',
    (id) => {
      const { outcome, marks } = honest.get(id) ?? {};
      expect({ ...outcome, marks }).toMatchObject({ kind: 'allow', why: 'judged', marks: [] });
    },
  );

  test.each(HONEST.filter(isQuoting).map(({ id }) => id))(
    '%s quotes an order: it is left to the person',
    (id) => {
      const { outcome, marks } = honest.get(id) ?? {};
      expect(outcome).toMatchObject({ kind: 'unsure', why: 'allow_refused' });
      expect(marks?.map(({ kind }) => kind)).toEqual(['instructions']);
    },
  );
});

test('the corpus is as large and as varied as it says', () => {
  expect(new Set(ORDERS.map(({ id }) => id)).size).toBe(200);
  expect(new Set(HONEST.map(({ id }) => id)).size).toBe(100);
  expect(new Set(ORDERS.map(({ lang }) => lang)).size).toBeGreaterThanOrEqual(10);
  expect(new Set(HONEST.map(({ lang }) => lang)).size).toBeGreaterThanOrEqual(10);
  expect(new Set(ORDERS.map(({ text, html }) => text ?? html)).size).toBe(200);
});
