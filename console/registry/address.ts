import { z } from 'zod';
import { normaliseEmail } from '../../registry/index.ts';
import { addressOf, BadAddress } from '../page/address.ts';

/** What chooses the accounts that the list shows. */
export interface RegistryFilter {
  search?: string | undefined;
  /** Only accounts with an empty chair. */
  withEmptyChairs?: boolean | undefined;
  /** Only accounts after this one. */
  after?: string | undefined;
}

/** PostgreSQL's text has no NUL. */
const text = (limit: number) =>
  z
    .string()
    .max(limit)
    .regex(/^[^\0]*$/);
const change = z.union([z.literal(''), z.string().regex(/^[1-9]\d{0,14}$/)]).optional();

const listSchema = z.object({
  q: text(200).optional(),
  chairs: z.enum(['', 'empty']).optional(),
  after: text(200).optional(),
});

/** @throws {BadAddress} when a filter is given twice, is too long, or cannot be meant */
export function registryFilter(query: unknown): RegistryFilter {
  const { q = '', chairs = '', after = '' } = checked(listSchema, query);
  return {
    ...(q.trim() === '' ? {} : { search: q.trim() }),
    ...(chairs === 'empty' ? { withEmptyChairs: true } : {}),
    ...(after === '' ? {} : { after }),
  };
}

export function registryAddress({ search, withEmptyChairs, after }: RegistryFilter): string {
  return addressOf('/registry', { q: search, chairs: withEmptyChairs === true ? 'empty' : undefined, after });
}

/** What chooses what the page of an account shows. */
export interface AccountFilter {
  id: string;
  /** People after this row: `<deal id> <address>`. */
  after?: { dealId: string; email: string } | undefined;
  /** Changes before this one. */
  changesBefore?: number | undefined;
}

const accountSchema = z.object({ id: text(200).min(1), after: text(600).optional(), changes: change });

/** @throws {BadAddress} */
export function accountFilter(query: unknown): AccountFilter {
  const { id, after = '', changes = '' } = checked(accountSchema, query);
  // An address has no blank in it.
  const at = after.lastIndexOf(' ');
  return {
    id,
    ...(at === -1 ? {} : { after: { dealId: after.slice(0, at), email: after.slice(at + 1) } }),
    ...(changes === '' ? {} : { changesBefore: Number(changes) }),
  };
}

export function accountAddress({ id, after, changesBefore }: AccountFilter): string {
  return addressOf('/registry/account', {
    id,
    after: after === undefined ? undefined : `${after.dealId} ${after.email}`,
    changes: changesBefore?.toString(),
  });
}

export interface PersonFilter {
  /** Lower-cased. */
  email: string;
  changesBefore?: number | undefined;
}

const personSchema = z.object({ email: text(320).min(1), changes: change });

/** @throws {BadAddress} */
export function personFilter(query: unknown): PersonFilter {
  const { email, changes = '' } = checked(personSchema, query);
  return { email: normaliseEmail(email) ?? '', ...(changes === '' ? {} : { changesBefore: Number(changes) }) };
}

export function personAddress({ email, changesBefore }: PersonFilter): string {
  return addressOf('/registry/person', { email, changes: changesBefore?.toString() });
}

function checked<T>(schema: z.ZodType<T>, query: unknown): T {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  throw new BadAddress(
    'The address names nothing of the registry: begin at its first page, and give each filter once.',
  );
}
