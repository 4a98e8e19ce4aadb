import { cleanText } from '../../../model/clean.ts';

/** Forms that are kept, and fields and targets of each; more are counted. */
const FORMS_KEPT = 6;
const FIELDS_KEPT = 12;
const TARGETS_KEPT = 3;
const NAME_MAX_CHARS = 40;

/** What a field asks for that matters; `other` for the rest. */
export type Asked = 'password' | 'card' | 'otp' | 'email' | 'other';

/** One form as it is told. */
export interface PageForm {
  readonly method: string;
  /** Where it sends to, resolved, and where its buttons do; null for what is no address. */
  readonly targets: (URL | null)[];
  /** `password "pass"`, in order. */
  readonly fields: string[];
  /** Fields that are not kept. */
  more: number;
  hidden: number;
}

/** What is known of an input, select, textarea or button when its tag is read. */
export interface FieldTag {
  readonly tag: string;
  attribute(name: string): string | null;
}

const CARD = /card.?(num|no)|cc.?(num|no|exp)|cvv|cvc|csc|security.?code|iban|karte|kreditk/i;
const OTP = /otp|one.?time|2fa|mfa|totp|verif.{0,10}code|sms.?code|auth.?code|tan\b/i;
const EMAIL = /e.?mail|user|login/i;
const PASSWORD = /passw|passcode|\bpwd\b|\bpin\b|seed.?phrase|mnemonic|private.?key|secret/i;
const CHOICES: ReadonlySet<string> = new Set([
  'checkbox',
  'radio',
  'select',
  'file',
  'range',
  'color',
  'date',
]);
const BUTTONS: ReadonlySet<string> = new Set(['submit', 'button', 'reset', 'image']);

/** Collects the forms of a page and what all its fields ask for, those outside of forms too. */
export class PageForms {
  readonly #kept: PageForm[] = [];
  readonly #loose = newForm('', []);
  readonly asked = new Set<Asked>();
  #open: PageForm | null = null;
  #count = 0;

  /** A form begins; one that is not closed ends where the next begins. */
  begin(method: string, target: URL | null): void {
    this.#count++;
    this.#open = newForm(/^post$/i.test(method) ? 'POST' : 'GET', [target]);
    if (this.#kept.length < FORMS_KEPT) this.#kept.push(this.#open);
  }

  end(): void {
    this.#open = null;
  }

  /** A button of the open form sends it elsewhere. */
  alsoTo(target: URL | null): void {
    const { targets } = this.#open ?? this.#loose;
    if (targets.length < TARGETS_KEPT) targets.push(target);
  }

  field(field: FieldTag): void {
    const form = this.#open ?? this.#loose;
    const type = typeOf(field);
    if (type === 'hidden') form.hidden++;
    if (type === 'hidden' || BUTTONS.has(type)) return;
    const asked = askedBy(field, type);
    this.asked.add(asked);
    const name = field.attribute('name') ?? field.attribute('id') ?? field.attribute('placeholder') ?? '';
    const known = asked === 'other' || asked === type ? type : `${type} (${asked})`;
    const clean = cleanText(name, NAME_MAX_CHARS).replaceAll('"', "'");
    if (form.fields.length < FIELDS_KEPT) form.fields.push(`${known} "${clean}"`);
    else form.more++;
  }

  get count(): number {
    return this.#count;
  }

  /** The first forms. */
  get kept(): readonly PageForm[] {
    return this.#kept;
  }

  /** Fields outside of forms, which scripts send. */
  get loose(): PageForm {
    return this.#loose;
  }
}

function newForm(method: string, targets: (URL | null)[]): PageForm {
  return { method, targets, fields: [], more: 0, hidden: 0 };
}

function typeOf({ tag, attribute }: FieldTag): string {
  if (tag === 'button') return 'button';
  if (tag !== 'input') return tag;
  const type = (attribute('type') ?? 'text').trim().toLowerCase();
  return /^[a-z-]{1,20}$/.test(type) ? type : 'text';
}

function askedBy({ attribute }: FieldTag, type: string): Asked {
  if (type === 'password') return 'password';
  if (CHOICES.has(type)) return 'other';
  const complete = attribute('autocomplete')?.toLowerCase() ?? '';
  const words = ['name', 'id', 'placeholder'].map((name) => (attribute(name) ?? '').slice(0, 100)).join(' ');
  if (complete.startsWith('cc-') || CARD.test(words)) return 'card';
  if (complete === 'one-time-code' || OTP.test(words)) return 'otp';
  if (/^(current|new)-password$/.test(complete) || PASSWORD.test(words)) return 'password';
  return type === 'email' || complete === 'email' || EMAIL.test(words) ? 'email' : 'other';
}
