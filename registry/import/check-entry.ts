import type { z } from 'zod';
import type { Account, Stakeholder } from '../model.ts';
import { accountFieldsSchema, personSchema, toAccount, toStakeholder } from './person-fields.ts';

/** What is wrong, by the field's name as a file has it (a milestone's own for its attendance), in words. */
export type FieldFaults = Record<string, string>;

/**
 * Checks one person as an import does, for those who are not in a file.
 *
 * @param fields by their names in a YAML file; empty ones are as good as absent
 */
export function checkPerson(fields: Record<string, unknown>): { person: Stakeholder } | { faults: FieldFaults } {
  const checked = personSchema.safeParse(fields);
  return checked.success ? { person: toStakeholder(checked.data) } : { faults: faultsOf(checked.error) };
}

/** Checks what is said of one account as an import does. @param fields by the names of the columns of a CSV file */
export function checkAccount(fields: Record<string, unknown>): { account: Account } | { faults: FieldFaults } {
  const checked = accountFieldsSchema.safeParse(fields);
  return checked.success ? { account: toAccount(checked.data) } : { faults: faultsOf(checked.error) };
}

function faultsOf({ issues }: z.ZodError): FieldFaults {
  const faults: FieldFaults = {};
  for (const { path, message } of issues) {
    const [first = '', second] = path.map(String);
    const field = first === 'attendance' ? (second ?? first) : first;
    faults[field] ??= message;
  }
  return faults;
}
