import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseRegistryDate } from '../../src/registration/registry-date.ts';

const iso = (text: string): string | null => {
  const at = parseRegistryDate(text);
  return at === null ? null : new Date(at).toISOString();
};

test.each([
  ['1995-08-14T04:00:00Z', '1995-08-14T04:00:00.000Z'],
  ['1995-08-14T04:00:00.1234567Z', '1995-08-14T04:00:00.000Z'],
  ['2004-03-03T21:00:00+01:00', '2004-03-03T20:00:00.000Z'],
  ['2004-03-03T21:00:00-0330', '2004-03-04T00:30:00.000Z'],
  ['2002-12-04 00:00:00+02', '2002-12-03T22:00:00.000Z'],
  ['1995-08-14T04:00:00', '1995-08-14T04:00:00.000Z'],
  ['1999-12-10 00:00:00', '1999-12-10T00:00:00.000Z'],
  ['1995-08-14', '1995-08-14T00:00:00.000Z'],
  ['2009-05-12 (JST)', '2009-05-12T00:00:00.000Z'],
  ['1996-01-01 by a registrar', '1996-01-01T00:00:00.000Z'],
  ['2003/06/01', '2003-06-01T00:00:00.000Z'],
  ['2008.01.31 10:20:30', '2008-01-31T10:20:30.000Z'],
  ['2000. 01. 02.', '2000-01-02T00:00:00.000Z'],
  ['19960522 #1234', '1996-05-22T00:00:00.000Z'],
  ['14-Aug-1995', '1995-08-14T00:00:00.000Z'],
  ['14-aug-1995 04:00:00 UTC', '1995-08-14T04:00:00.000Z'],
  ['14 August 1995', '1995-08-14T00:00:00.000Z'],
  ['30th April 2003 at 10:11:12.345', '2003-04-30T10:11:12.000Z'],
  ['2001-Aug-23.', '2001-08-23T00:00:00.000Z'],
  ['August 14, 1995', '1995-08-14T00:00:00.000Z'],
  ['Tue Dec 12 2000', '2000-12-12T00:00:00.000Z'],
  ['Fri Jan 28 23:59:59 GMT 2011', '2011-01-28T23:59:59.000Z'],
  ['Tue, 14 Aug 1995 10:00:00 GMT', '1995-08-14T10:00:00.000Z'],
  ['14.8.1995', '1995-08-14T00:00:00.000Z'],
  ['02.03.1999 09:43:00', '1999-03-02T09:43:00.000Z'],
  ['24/02/2003 00:00:00', '2003-02-24T00:00:00.000Z'],
  ['02-24-2003', '2003-02-24T00:00:00.000Z'],
  ['05/05/2003', '2003-05-05T00:00:00.000Z'],
])('reads %s', (text, expected) => {
  expect(iso(text)).toBe(expected);
});

test.each([
  ['02/03/2003', 'day and month could change places'],
  ['02-03-2003', 'day and month could change places'],
  ['14-Aug-95', 'two digits are no year'],
  ['14/08/95', 'two digits are no year'],
  ['31-Jun-2000', 'June has 30 days'],
  ['2001-02-29', 'no leap year'],
  ['2010-13-01', 'no such month'],
  ['0001-01-01 25:00:00', 'no such hour'],
  ['1995-08-1', 'cut'],
  ['1995-08-14T', 'cut'],
  ['1995-08-14T04:0', 'cut'],
  ['1995-08-140', 'longer than a day'],
  ['199508141', 'longer than a date'],
  ['14.08.199', 'cut'],
  ['before 1996', 'no day'],
  ['', 'nothing'],
])('refuses %s: %s', (text) => {
  expect(parseRegistryDate(text)).toBeNull();
});

test('reads no instant but the one meant, in every notation that has only one reading', () => {
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  const date = fc.date({ min: new Date('1985-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
  fc.assert(
    fc.property(date, (at) => {
      const day = at.toISOString().slice(0, 10);
      const [y = '', m = '', d = ''] = day.split('-');
      const month = months[Number(m) - 1] ?? '';
      const midnight = `${day}T00:00:00.000Z`;
      for (const text of [
        day,
        `${y}.${m}.${d}`,
        `${y}${m}${d}`,
        `${d}.${m}.${y}`,
        `${d}-${month}-${y}`,
        `${month} ${d}, ${y}`,
      ])
        expect(iso(text)).toBe(midnight);
      const slashes = iso(`${d}/${m}/${y}`);
      expect(slashes === null || slashes === midnight).toBe(true);
    }),
  );
});

test('takes any text without throwing', () => {
  const piece = fc.constantFrom('1995', '08', '-', '.', ' ', 'Aug', 'T', ':', '14', 'Z', '+', 'th', '\u0000');
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(text, (value) => {
      const at = parseRegistryDate(value);
      expect(at === null || Number.isSafeInteger(at)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
