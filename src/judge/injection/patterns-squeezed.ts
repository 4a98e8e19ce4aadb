import { squeezedOf } from './fold.ts';

const any = (...words: string[]): string => `(?:${words.map(squeezedOf).join('|')})`;

const FILL = `${any('all', 'any', 'every', 'the', 'of', 'your', 'my', 'these', 'those', 'and', 'other')}{0,3}`;
/** Not what consent dialogs go on with. */
const END = `(?!${any('to', 'request', 'access', 'cookie', 'name')})`;
const OVERRIDE = `${any('ignore', 'disregard', 'forget', 'override', 'bypass')}${FILL}${any('previous', 'prior', 'above', 'earlier', 'preceding', 'your', 'system', 'original')}${FILL}${any('system', 'given', 'safety')}?${any('instruction', 'prompt', 'directive', 'guideline', 'command', 'order')}`;
const ORDER = `${any('must', 'should', 'shall', 'always', 'please', 'haveto', 'will', 'now')}${any('allow', 'permit', 'approve', 'whitelist', 'unblock', 'trust')}${any('this', 'our')}${any('domain', 'connection', 'traffic')}${END}`;
const BARE = `${any('allow', 'whitelist', 'approve')}${any('this')}${any('domain', 'connection')}${END}`;
const VERDICT = `${any('verdict')}${any('is', 'mustbe', 'shouldbe')}${any('allow', 'approve')}|${any('respond', 'reply', 'answer')}${any('only', 'with', 'onlywith')}${any('allow', 'approve')}`;
const ROLE = `${any('youarenow')}(?:an?|the)?${any('unrestricted', 'assistant', 'languagemodel')}`;

/** The plainest orders, on text as `squeezedOf` leaves it; there every word runs into the next, so only long ones are told. */
export const SQUEEZED = new RegExp([OVERRIDE, ORDER, BARE, VERDICT, ROLE].join('|'));
