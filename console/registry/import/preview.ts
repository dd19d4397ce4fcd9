import { createHash } from 'node:crypto';
import type { Database } from '../../../database/index.ts';
import {
  type ComparedRegistry,
  compareForImport,
  decodeRegistry,
  type ImportFault,
  type ParsedRegistry,
  parseRegistry,
  type RegistryContent,
  type RegistryDifferences,
} from '../../../registry/index.ts';
import type { ImportContent } from './content.ts';

/** What an import would do, or why it would do nothing. */
export type ImportPreview =
  | { faults: ImportFault[] }
  | {
      parsed: ParsedRegistry;
      removeMissing: RegistryContent['removeMissing'];
      compared: ComparedRegistry;
      /** The same as long as the import would change the same. */
      digest: string;
    };

/** @param today ISO date */
export async function previewImport({ db }: Database, content: ImportContent, today: string): Promise<ImportPreview> {
  const { text, faults } = decodeRegistry(content.bytes);
  if (faults.length > 0) return { faults };
  const parsed = parseRegistry(text, content.format);
  if (parsed.faults.length > 0) return { faults: parsed.faults };
  const removeMissing = content.removeMissing ? { accountIds: parsed.accountIds, today } : undefined;
  const compared = await compareForImport(db, { ...parsed, removeMissing });
  return { parsed, removeMissing, compared, digest: digestOf(compared.differences) };
}

/** What would be written, in a few letters. */
export function digestOf({ added, changed, ended, accounts, keptOptedOut }: RegistryDifferences): string {
  const all = JSON.stringify([added, changed, ended, accounts, keptOptedOut]);
  return createHash('sha256').update(all).digest('base64url');
}
