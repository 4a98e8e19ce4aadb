import type { Statement } from 'bun:sqlite';
import type { FlowRecord } from '../../model/flow.ts';
import type { PolicyVersion } from '../../model/policy-version.ts';
import { policyVersionSchema } from '../../schema/why.ts';
import type { Statements } from '../thread/statements.ts';

/** Changes of the policy that are kept: years of them. */
const CHANGES_KEPT = 20_000;

/** From a flow id and a moment on connections are decided so. */
export interface PolicyRow {
  /** Ids are given to connections in the order they are accepted. */
  readonly firstFlow: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly version: PolicyVersion;
}

/** Which policies a connection lived under: from its id to its end. */
export interface PolicyQuery {
  readonly flow: number;
  readonly untilMs: number;
}

/** The policies in the database, in the order they came into force. Throws what SQLite throws. */
export class PolicyTable {
  readonly #put: Statement<unknown, [number, number, string]>;
  readonly #trim: Statement<unknown, []>;
  readonly #under: Statement<{ version: string }, [number, number, number]>;

  constructor(statements: Statements) {
    this.#put = statements.prepare('INSERT INTO policies (first_flow, at, version) VALUES (?, ?, ?)');
    this.#trim = statements.prepare(
      `DELETE FROM policies WHERE id <= (SELECT max(id) FROM policies) - ${CHANGES_KEPT}`,
    );
    this.#under = statements.prepare(
      `SELECT version FROM policies
       WHERE id >= (SELECT max(id) FROM policies WHERE first_flow <= ?)
         AND (first_flow <= ? OR at <= ?)
       ORDER BY id`,
    );
  }

  write(rows: readonly PolicyRow[]): void {
    for (const { firstFlow, at, version } of rows) this.#put.run(firstFlow, at, JSON.stringify(version));
    if (rows.length > 0) this.#trim.run();
  }

  /** Each different one once; rows that cannot be read are left out. */
  under({ flow, untilMs }: PolicyQuery): readonly PolicyVersion[] {
    const texts = new Set(this.#under.all(flow, flow, untilMs).map(({ version }) => version));
    return [...texts].flatMap((text) => {
      const parsed = policyVersionSchema.safeParse(jsonOf(text));
      return parsed.success ? [parsed.data] : [];
    });
  }
}

/** When a connection ended, Unix milliseconds; an open one has not ended before `now`. */
export function endOf(flow: FlowRecord, now: number): number {
  return flow.durationMs === null ? now : flow.at + flow.durationMs;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No policy by the schema, so it is left out.
    return null;
  }
}
