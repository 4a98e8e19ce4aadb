import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelReply } from '../../../src/judge/core/model.ts';
import type { ReplyMessage } from '../../../src/judge/reply/reply.ts';

const FOLDER = join(import.meta.dir, '../../fixtures/judge/replies');

/** A reply as a model wrote it, and how it is to be read. */
export interface ReplyShape {
  readonly name: string;
  readonly message: ReplyMessage;
  readonly reply: ModelReply;
}

/** All recorded shapes; the folder's README says how they are written down. */
export function replyShapes(): readonly ReplyShape[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'));
  return files.flatMap((file) =>
    readFileSync(join(FOLDER, file), 'utf8')
      .split(/^=== /m)
      .filter((section) => section.includes('\n--- reply\n'))
      .map((section) => shapeOf(file.slice(0, -4), section)),
  );
}

function shapeOf(family: string, section: string): ReplyShape {
  const [title = '', ...lines] = section.split('\n');
  const parts = new Map<string, string>();
  for (const part of `content\n${lines.join('\n')}`.split(/^--- /m)) {
    const [name = '', ...rest] = part.split('\n');
    parts.set(name.trim(), rest.join('\n').replace(/\n+$/, ''));
  }
  const content = parts.get('content') ?? '';
  const said = parts.get('said') ?? content.trim();
  return {
    name: `${family}: ${title}`,
    message: {
      content: content === '' ? null : content,
      reasoning: parts.get('reasoning') ?? null,
      toolCalls: JSON.parse(parts.get('native') ?? '[]'),
    },
    reply: { ...JSON.parse(parts.get('reply') ?? ''), said },
  };
}
