import { RuleFile } from '../../src/rules/rule-file.ts';
import { sampleRule } from './sample-rule.ts';

// Run by kill.test.ts, which kills it in the middle of its work. Prints how many rules are saved, after each time they were.

const file = new RuleFile(process.argv[2] ?? '', () => {});
const rules = (await file.read()).map(({ rule }) => rule);
for (;;) {
  rules.push(sampleRule(`r${rules.length}`));
  if (await file.save([...rules])) process.stdout.write(`${rules.length}\n`);
}
