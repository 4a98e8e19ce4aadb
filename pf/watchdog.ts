import { isToken } from './parse.ts';
import { flushAnchor, type Pfctl, release } from './runner.ts';
import { readToken, removeToken } from './token.ts';

/**
 * Takes our rules out of pf and gives back our reference to it. Needs no engine, config or state: without a token file the
 * rules go all the same, and pf stays on, harmless. No error when there is nothing to remove; throws with pfctl's words.
 */
export async function removeAnchor(pfctl: Pfctl, tokenFile: string): Promise<void> {
  await flushAnchor(pfctl);
  const token = readToken(tokenFile);
  if (token !== null) await release(pfctl, token);
  removeToken(tokenFile);
}

/**
 * The same for the watchdog of one engine: when a newer engine has installed its rules in the meantime, which the token
 * file tells, those stay, and only the dead engine's reference is given back.
 */
export async function removeAnchorOf(pfctl: Pfctl, tokenFile: string, token: string): Promise<void> {
  if (!isToken(token)) throw new Error(`not a token of pf: ${JSON.stringify(token)}`);
  const current = readToken(tokenFile);
  if (current === null || current === token) await removeAnchor(pfctl, tokenFile);
  if (current !== token) await release(pfctl, token);
}
