import { type Database, listAccountIds } from '../../database/index.ts';
import { accountsOf, exportRegistry, stakeholdersOfAccounts } from '../../registry/index.ts';

export type ExportFormat = 'csv' | 'yaml';

/** So many accounts are read and written at a time: whatever else the process does goes on in between. */
const AT_ONCE = 200;

/**
 * The registry as a file that the import reads back unchanged, account by account: each is as it is when its turn comes.
 *
 * @param accountId only this one
 */
export async function* exportInParts(
  { db }: Database,
  format: ExportFormat,
  accountId?: string,
): AsyncGenerator<string> {
  const head = exportRegistry({ rows: [], accounts: [] }, format);
  yield format === 'csv' ? head : '';
  let isFirst = true;
  let after: string | undefined;
  for (;;) {
    const ids = accountId === undefined ? await listAccountIds(db, { after, limit: AT_ONCE }) : [accountId];
    if (ids.length > 0) {
      const text = exportRegistry(
        { rows: await stakeholdersOfAccounts(db, ids), accounts: await accountsOf(db, ids) },
        format,
      );
      // Each part begins with the same line: the columns' names, or the list's.
      const isWhole = format === 'yaml' && isFirst;
      yield isWhole ? text : text.slice(text.indexOf('\n') + 1);
      isFirst = false;
    }
    if (accountId !== undefined || ids.length < AT_ONCE) break;
    after = ids.at(-1);
  }
  if (isFirst && format === 'yaml') yield head;
}

/** A file's name in a header: letters and digits of the account's id, which may hold anything. */
export function exportFileName(format: ExportFormat, accountId?: string): string {
  const of = accountId?.replace(/[^\w.-]+/g, '-').slice(0, 60);
  return `registry${of === undefined ? '' : `-${of}`}.${format}`;
}
