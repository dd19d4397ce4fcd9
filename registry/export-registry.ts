import { stringify } from 'yaml';
import { guardFormula } from './import/formula.ts';
import { ACCOUNT_COLUMNS, PERSON_FIELDS } from './import/person-fields.ts';
import { type Account, MILESTONES, type Stakeholder } from './model.ts';

const COLUMNS = [...PERSON_FIELDS, ...MILESTONES, ...ACCOUNT_COLUMNS];
/** What a reader takes for granted is not written to YAML. */
const DEFAULTS: Record<string, string> = { side: 'customer', timezone_source: 'person', source: 'import' };

export interface RegistryToExport {
  rows: readonly Stakeholder[];
  accounts: readonly Account[];
}

/** Writes the registry as a file that the import reads back unchanged. */
export function exportRegistry(registry: RegistryToExport, format: 'csv' | 'yaml'): string {
  return format === 'csv' ? toCsv(registry) : toYaml(registry);
}

function toCsv({ rows, accounts }: RegistryToExport): string {
  const accountById = new Map(accounts.map((account) => [account.id, account]));
  const withPeople = new Set(rows.map((row) => row.accountId));
  const records = [
    ...rows.map((row) => ({
      ...personFields(row),
      ...row.attendance,
      ...accountColumns(accountById.get(row.accountId)),
    })),
    ...accounts
      .filter((account) => !withPeople.has(account.id))
      .map((account) => ({ account_id: account.id, ...accountColumns(account) })),
  ];
  const lines = records.map((record) => {
    const fields: Record<string, string | undefined> = record;
    return COLUMNS.map((column) => csvCell(fields[column] ?? '')).join(',');
  });
  return `${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`;
}

function csvCell(text: string): string {
  const guarded = guardFormula(text);
  return /[",\r\n;\t]|^\s|\s$/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

function toYaml({ rows, accounts }: RegistryToExport): string {
  const people = new Map<string, object[]>();
  for (const { id } of accounts) people.set(id, []);
  for (const row of rows) {
    const list = people.get(row.accountId) ?? [];
    list.push(yamlPerson(row));
    people.set(row.accountId, list);
  }
  const accountById = new Map(accounts.map((account) => [account.id, account]));
  const document = [...people].map(([id, list]) => {
    const { name, country, timezone } = accountById.get(id) ?? {};
    return {
      id,
      ...(name === undefined ? {} : { name }),
      ...(country === undefined ? {} : { country }),
      ...(timezone === undefined ? {} : { timezone }),
      people: list,
    };
  });
  return stringify({ accounts: document }, { schema: 'core', lineWidth: 0, aliasDuplicateObjects: false });
}

function yamlPerson(row: Stakeholder): object {
  const { account_id: _, roles: __, opted_out: ___, workstreams: ____, ...texts } = personFields(row);
  return {
    ...Object.fromEntries(
      Object.entries(texts).filter(([field, text]) => text !== undefined && text !== DEFAULTS[field]),
    ),
    ...(row.roles.length === 0 ? {} : { roles: row.roles }),
    ...(row.workstreams === undefined ? {} : { workstreams: row.workstreams }),
    ...(Object.keys(row.attendance).length === 0 ? {} : { attendance: row.attendance }),
    ...(row.optedOut ? { opted_out: true } : {}),
  };
}

function personFields(row: Stakeholder): Record<(typeof PERSON_FIELDS)[number], string | undefined> {
  return {
    account_id: row.accountId,
    deal_id: row.dealId,
    email: row.email,
    name: row.name,
    side: row.side,
    roles: row.roles.join(';'),
    workstreams: row.workstreams?.join(';'),
    timezone: row.timezone,
    timezone_source: row.timezoneSource,
    active_from: row.activeFrom,
    active_to: row.activeTo,
    opted_out: row.optedOut ? 'yes' : '',
    opted_out_reason: row.optedOutReason,
    verified_at: row.verifiedAt,
    source: row.source,
  };
}

function accountColumns(account: Account | undefined): Record<(typeof ACCOUNT_COLUMNS)[number], string | undefined> {
  return {
    account_name: account?.name,
    account_country: account?.country,
    account_timezone: account?.timezone,
  };
}
