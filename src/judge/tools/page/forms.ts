/** What a field can ask for that matters, in words. */
export const ASKED = {
  password: 'a password',
  card: 'card data',
  otp: 'a one-time code',
  email: 'an e-mail address or user name',
} as const;
export type Asked = keyof typeof ASKED;

const CARD = /card.?(num|no)|cc.?(num|no|exp)|cvv|cvc|csc|security.?code|iban|karte|kreditk/i;
const OTP = /otp|one.?time|2fa|mfa|totp|verif.{0,10}code|sms.?code|auth.?code|tan\b/i;
const EMAIL = /e.?mail|user|login/i;
const PASSWORD = /passw|passcode|\bpwd\b|\bpin\b|seed.?phrase|mnemonic|private.?key|secret/i;
/** Types of input into which nobody types. */
const UNTYPED: ReadonlySet<string> = new Set(
  'hidden submit button reset image checkbox radio file range color date'.split(' '),
);
const NAME_READ_CHARS = 100;

/** What an input or textarea asks for, by its type, what it is to be filled in with, and its name; null when that does not matter. */
export function askedBy(tag: 'input' | 'textarea', attribute: (name: string) => string): Asked | null {
  const type = tag === 'input' ? attribute('type').trim().toLowerCase() : '';
  if (UNTYPED.has(type)) return null;
  if (type === 'password') return 'password';
  const complete = attribute('autocomplete').toLowerCase();
  const words = ['name', 'id', 'placeholder']
    .map((name) => attribute(name).slice(0, NAME_READ_CHARS))
    .join(' ');
  if (complete.startsWith('cc-') || CARD.test(words)) return 'card';
  if (complete === 'one-time-code' || OTP.test(words)) return 'otp';
  if (/^(current|new)-password$/.test(complete) || PASSWORD.test(words)) return 'password';
  return type === 'email' || complete === 'email' || EMAIL.test(words) ? 'email' : null;
}
