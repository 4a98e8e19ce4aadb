import { describe, expect, test } from 'bun:test';
import {
  answerScope,
  changeValue,
  choicesOf,
  moveField,
  openScope,
  type ScopeEdit,
  scopeSentence,
} from '../../../tui/state/scope-edit.ts';
import { asking, makeQuestion } from '../question/make-question.ts';

const question = makeQuestion(1, { host: 'www.new.example', domain: 'new.example' });
const said = (edit: ScopeEdit, of = question, done = false) =>
  Object.values(scopeSentence(edit, of, done)).join(' ');

describe('a lasting answer', () => {
  test('starts with this program, this name, for ever', () => {
    expect(answerScope(openScope(question, 'allow'))).toEqual({
      kind: 'rule',
      app: 'this',
      target: 'name',
      forMs: null,
    });
  });

  test('goes through its fields and their choices, round the end both ways', () => {
    let edit = openScope(question, 'allow');
    const fields = [edit.field];
    for (let step = 0; step < 3; step++) {
      edit = moveField(edit, 1);
      fields.push(edit.field);
    }
    expect(fields).toEqual(['app', 'target', 'duration', 'app']);
    edit = moveField(edit, -1);
    const lengths = [1, 2, 3, 4].map(() => {
      edit = changeValue(edit, question, 1);
      return answerScope(edit);
    });
    expect(lengths).toMatchObject([
      { forMs: 3_600_000 },
      { forMs: 86_400_000 },
      { forMs: 604_800_000 },
      { forMs: null },
    ]);
    expect(changeValue(edit, question, -1).duration).toBe('week');
    expect(changeValue({ ...edit, field: 'target' }, question, -1).target).toBe('domain');
  });

  test('can only be what a rule can say', () => {
    const nobody = { name: null, path: null, user: null, parent: null };
    const mixed = makeQuestion(1, { host: null, domain: null, apps: [asking(), nobody] });
    expect(openScope(mixed, 'block').app).toBe('all');
    expect(choicesOf('app', mixed).map((choice) => choice.label)).toEqual(['every app']);
    expect(choicesOf('target', mixed).map((choice) => choice.label)).toEqual(['address']);
    expect(changeValue(openScope(mixed, 'block'), mixed, 1).app).toBe('all');
    expect(choicesOf('app', makeQuestion(1, { apps: [asking(), asking({ path: '/b' })] }))[0]?.label).toBe(
      'these apps',
    );
  });

  test('stands in words that are true of the rule, before and after', () => {
    const edit = openScope(question, 'allow');
    expect(said(edit)).toBe('allow curl to reach www.new.example  for ever');
    expect(said({ ...edit, app: 'all', target: 'domain', duration: 'day' })).toBe(
      'allow every program to reach new.example  and all below it for 1 day',
    );
    expect(said({ ...edit, action: 'block', duration: 'hour' }, question, true)).toBe(
      'blocked curl from reaching www.new.example  for 1 hour',
    );
  });
});
