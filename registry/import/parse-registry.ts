import type { Stakeholder } from '../model.ts';
import { parseCsv } from './parse-csv.ts';
import { parseYaml } from './parse-yaml.ts';
import { personSchema, toStakeholder } from './person-fields.ts';
import type { ImportFault, RawPerson } from './raw-person.ts';

export interface ParsedRegistry {
  /** Only good when there are no faults. */
  rows: Stakeholder[];
  faults: ImportFault[];
}

/** A registry of a hundred thousand people has about this size; more is a mistake. */
const MAX_CHARACTERS = 20_000_000;

/**
 * Reads a registry file. All faults are found at once, each with its line; one fault and nothing should be imported.
 *
 * CSV: a header line with the columns `account_id`, `email` and any of `deal_id`, `name`, `side`, `roles` (several
 * separated by `;`, `|` or a blank), `timezone`, `account_timezone`, one column per milestone (`kickoff`, `weekly_sync`,
 * `milestone_review`, `go_live`, `post_go_live`: required, optional or none), `active_from`, `active_to`, `opted_out`,
 * `opted_out_reason`, `verified_at`, `source`.
 *
 * YAML: `accounts:`, a list of `{ id, name?, timezone?, people: [...] }`; a person has the same fields, without `account_id`
 * and `account_timezone`, with `roles` as a list and `attendance` as a map from milestone to required, optional or none.
 */
export function parseRegistry(text: string, format: 'csv' | 'yaml'): ParsedRegistry {
  if (text.length > MAX_CHARACTERS) {
    return { rows: [], faults: [{ line: 1, message: `the file is over ${MAX_CHARACTERS / 1_000_000} MB: split it` }] };
  }
  const faults: ImportFault[] = [];
  const people = format === 'csv' ? parseCsv(text, faults) : parseYaml(text, faults);
  const rows: Stakeholder[] = [];
  const seen = new Map<string, number>();
  for (const person of people) {
    const checked = personSchema.safeParse(person.fields);
    if (!checked.success) {
      for (const issue of checked.error.issues) faults.push(...faultsOf(issue, person));
      continue;
    }
    const row = toStakeholder(checked.data);
    const key = JSON.stringify([row.accountId, row.dealId ?? '', row.email]);
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, person.line);
      rows.push(row);
    } else {
      const scope = row.dealId === undefined ? `account ${row.accountId}` : `deal ${row.dealId}`;
      faults.push({ line: person.line, message: `${row.email} is given twice for ${scope}, first in line ${first}` });
    }
  }
  return { rows, faults: faults.sort((a, b) => a.line - b.line) };
}

type Issue = { code?: string; message: string; path: readonly PropertyKey[]; keys?: readonly string[] };

function faultsOf(issue: Issue, person: RawPerson): ImportFault[] {
  if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
    return (issue.keys ?? []).map((key) => ({ line: person.lineOf(key), message: `${key}: unknown field` }));
  }
  const [field] = issue.path;
  const name = issue.path.map(String).join('.');
  return [
    {
      line: field === undefined ? person.line : person.lineOf(String(field)),
      message: name === '' ? issue.message : `${name}: ${issue.message}`,
    },
  ];
}
