import type { Account, Stakeholder } from '../model.ts';
import { keyOf } from './compare-registry.ts';
import { MAX_REGISTRY_BYTES } from './decode-registry.ts';
import { parseCsv } from './parse-csv.ts';
import { parseYaml } from './parse-yaml.ts';
import { accountFieldsSchema, personSchema, toAccount, toStakeholder } from './person-fields.ts';
import type { ImportFault, RawEntry } from './raw-entry.ts';

export interface ParsedRegistry {
  /** Only good when there are no faults, like `accounts`. */
  rows: Stakeholder[];
  /** Accounts of which the file says something besides their people. */
  accounts: Account[];
  /** Every account that the file names, with people or without. */
  accountIds: string[];
  faults: ImportFault[];
}

/**
 * Reads a registry file. All faults are found at once, each with its place; one fault and nothing should be imported.
 *
 * CSV: a header line with the columns `account_id`, `email` and any of `deal_id`, `name`, `side`, `roles` (several
 * separated by `;`, `|` or a blank), `workstreams` (likewise), `timezone`, `timezone_source`, one column per milestone
 * (`kickoff`, `weekly_sync`, `milestone_review`, `go_live`, `post_go_live`: required, optional or none), `active_from`,
 * `active_to`, `opted_out`, `opted_out_reason`, `verified_at`, `source`, and of the account `account_name`,
 * `account_country`, `account_timezone`.
 *
 * YAML: `accounts:`, a list of `{ id, name?, country?, timezone?, people: [...] }`; a person has the same fields, without
 * the account's, with `roles` and `workstreams` as lists and `attendance` as a map from milestone to required, optional or
 * none.
 */
export function parseRegistry(text: string, format: 'csv' | 'yaml'): ParsedRegistry {
  if (text.length > MAX_REGISTRY_BYTES) {
    const message = `the file is over ${MAX_REGISTRY_BYTES / 1_000_000} MB: split it`;
    return { rows: [], accounts: [], accountIds: [], faults: [{ line: 1, message }] };
  }
  const faults: ImportFault[] = [];
  const raw = format === 'csv' ? parseCsv(text, faults) : parseYaml(text, faults);
  const rows = checkPeople(raw.people, faults);
  const accounts = checkAccounts(raw.accounts, faults);
  const accountIds = [...new Set([...rows.map((row) => row.accountId), ...accounts.map((account) => account.id)])];
  return {
    rows,
    accounts: accounts.filter((account) => Object.keys(account).length > 1),
    accountIds,
    faults: faults.sort((a, b) => a.line - b.line || (a.column ?? 0) - (b.column ?? 0)),
  };
}

function checkPeople(people: readonly RawEntry[], faults: ImportFault[]): Stakeholder[] {
  const rows: Stakeholder[] = [];
  const seen = new Map<string, number>();
  for (const person of people) {
    const checked = personSchema.safeParse(person.fields);
    if (!checked.success) {
      for (const issue of checked.error.issues) faults.push(...faultsOf(issue, person));
      continue;
    }
    const row = toStakeholder(checked.data);
    const key = keyOf(row);
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, person.line);
      rows.push(row);
    } else {
      const scope = row.dealId === undefined ? `account ${row.accountId}` : `deal ${row.dealId}`;
      faults.push({ line: person.line, message: `${row.email} is given twice for ${scope}, first in line ${first}` });
    }
  }
  return rows;
}

/** What several rows say of one account is put together; two rows must not say different things. */
function checkAccounts(entries: readonly RawEntry[], faults: ImportFault[]): Account[] {
  const accounts = new Map<string, Account>();
  const firstLines = new Map<string, number>();
  const read = new Set<string>();
  for (const entry of entries) {
    // Thousands of rows say the same of one account.
    const text = JSON.stringify(entry.fields);
    if (read.has(text)) continue;
    read.add(text);
    const checked = accountFieldsSchema.safeParse(entry.fields);
    if (!checked.success) {
      // A row without an account's id is a person's fault already.
      const issues = checked.error.issues.filter((issue) => issue.path[0] !== 'account_id');
      for (const issue of issues) faults.push(...faultsOf(issue, entry));
      continue;
    }
    const given = toAccount(checked.data);
    const known = accounts.get(given.id) ?? { id: given.id };
    for (const field of ['name', 'country', 'timezone'] as const) {
      const key = `${field} ${given.id}`;
      if (given[field] === undefined) continue;
      if (known[field] === undefined) firstLines.set(key, entry.line);
      else if (known[field] !== given[field]) {
        const path = [`account_${field}`];
        const message = `${entry.nameOf(path)}: line ${firstLines.get(key) ?? 1} says otherwise of account ${given.id}`;
        faults.push({ ...entry.placeOf(path), message });
      }
    }
    accounts.set(given.id, { ...given, ...known });
  }
  return [...accounts.values()];
}

type Issue = { code?: string; message: string; path: readonly PropertyKey[]; keys?: readonly string[] };

function faultsOf(issue: Issue, entry: RawEntry): ImportFault[] {
  if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
    return (issue.keys ?? []).map((key) => ({ ...entry.placeOf([key]), message: `${key}: unknown field` }));
  }
  const path = issue.path.map(String);
  const name = entry.nameOf(path);
  return [
    {
      ...(path.length === 0 ? { line: entry.line } : entry.placeOf(path)),
      message: name === '' ? issue.message : `${name}: ${issue.message}`,
    },
  ];
}
