import type { Database } from 'bun:sqlite';
import type { Rule } from '../../model/rule.ts';
import { ruleSchema } from '../../schema/rule.ts';

/** Every rule on disk, by id. A row that is not a rule is left out and counted. */
export function readRules(db: Database): { rules: Map<string, Rule>; unreadable: number } {
  const rules = new Map<string, Rule>();
  let unreadable = 0;
  for (const row of db.query<{ rule: string }, []>('SELECT rule FROM rules').all()) {
    const rule = parseRule(row.rule);
    if (rule === null) unreadable++;
    else rules.set(rule.id, rule);
  }
  return { rules, unreadable };
}

/** Brings the named rows to what `wanted` says: there with this text, or gone. Runs in the caller's transaction. */
export function writeRules(db: Database, ids: Iterable<string>, wanted: ReadonlyMap<string, Rule>): void {
  const put = db.query(
    'INSERT INTO rules (id, rule) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET rule = excluded.rule',
  );
  const drop = db.query('DELETE FROM rules WHERE id = ?');
  for (const id of ids) {
    const rule = wanted.get(id);
    if (rule === undefined) drop.run(id);
    else put.run(id, JSON.stringify(rule));
  }
}

/** Reads a rule from its JSON text; null when it is none. */
function parseRule(text: string): Rule | null {
  try {
    const parsed = ruleSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    // Not JSON: the caller counts it.
    return null;
  }
}
