import { Box } from 'ink';
import type { Rule } from '../../src/model/rule.ts';
import { formatAge } from '../draw/format.ts';
import type { Layout } from '../draw/layout.ts';
import { listWindow } from '../draw/list.ts';
import { clean, cutLine, fit, type Line, seg, wrap } from '../draw/text.ts';
import type { Theme } from '../draw/theme.ts';
import type { Snapshot } from '../snapshot.ts';
import { Lines } from './lines.tsx';

interface RulesProps {
  readonly picture: Snapshot;
  readonly layout: Layout;
  readonly theme: Theme;
}

/** The rules in force, one a line: what, which name, for whom, from where, how old. */
export function Rules({ picture, layout, theme }: RulesProps) {
  const { rules, rulesError, now, ui } = picture;
  const { columns, listRows, headerRows } = layout;
  const rows = listRows + headerRows;
  const chosen = Math.max(0, rules?.findIndex((rule) => rule.id === ui.rule?.id) ?? 0);
  const { top, count } = listWindow(rules?.length ?? 0, chosen, ui.rule?.line ?? 0, listRows);
  const notice = noticeLines(rules, rulesError, columns - 2);
  const lines = [
    ...(headerRows > 0 ? [titles(columns)] : []),
    ...notice,
    ...(rules ?? [])
      .slice(top, top + count)
      .map((rule, index) => ruleRow(rule, now, columns, top + index === chosen)),
  ];
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Lines lines={lines.slice(0, rows)} theme={theme} />
    </Box>
  );
}

function noticeLines(rules: readonly Rule[] | null, error: string | null, columns: number): readonly Line[] {
  if (error !== null) return [[seg(`  the rules could not be read: ${error}`, 'bad')]];
  if (rules === null) return [[seg('  asking the engine…', 'dim')]];
  if (rules.length > 0) return [];
  const text = 'No rules yet. Press a or b on a connection, or run resolagent allow or block.';
  return wrap(text, columns, 3).map((part): Line => [seg(`  ${part}`)]);
}

const NARROW_COLUMNS = 60;

function titles(columns: number): Line {
  const end = columns < NARROW_COLUMNS ? '' : `${fit('from', 8)} ${fit('age', 4, 'right')} `;
  return [seg(fit(`  ${fit('', 7)} host`, columns - end.length), 'dim'), seg(end, 'dim')];
}

function ruleRow(rule: Rule, now: number, columns: number, chosen: boolean): Line {
  const end =
    columns < NARROW_COLUMNS
      ? ''
      : `${fit(rule.origin, 8)} ${fit(formatAge(now - rule.createdAt), 4, 'right')} `;
  const head = `${chosen ? '› ' : '  '}`;
  const word = rule.action === 'allow' ? '✓ ALLOW' : '✗ BLOCK';
  const text = fit(`${clean(rule.host)}${scopeOf(rule, now)}`, Math.max(0, columns - 10 - end.length));
  if (chosen) return cutLine([seg(`${head}${word} ${text}${end}`, 'caret')], columns);
  const tone = rule.action === 'allow' ? 'ok' : 'bad';
  return cutLine([seg(head, 'strong'), seg(word, tone), seg(` ${text}`), seg(end, 'dim')], columns);
}

/** For whom and how long, where it is not everyone and for ever. */
function scopeOf(rule: Rule, now: number): string {
  const parts: string[] = [];
  if (rule.port !== null) parts.push(`port ${rule.port}`);
  if (rule.app !== null) parts.push(`app ${clean(rule.app)}`);
  if (rule.user !== null) parts.push(`user ${clean(rule.user)}`);
  if (rule.until !== null) parts.push(rule.until <= now ? 'over' : `for ${formatAge(rule.until - now)} more`);
  if (rule.note !== null) parts.push(clean(rule.note));
  return parts.length === 0 ? '' : ` · ${parts.join(' · ')}`;
}
