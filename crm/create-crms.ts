import type { Beside } from './adapter.ts';
import { ADAPTERS, type CrmOptions } from './adapters.ts';
import { type CrmName, crmNameSchema } from './kinds.ts';
import type { Crm } from './port.ts';

/** The configured CRMs by name. The generic trigger takes deals by id for the first of those that can read one. */
export function createCrms(options: CrmOptions): Partial<Record<CrmName, Crm>> {
  const names = crmNameSchema.options;
  const beside = { readableBy: names.find((name) => ADAPTERS[name]?.readsById && options[name] !== undefined) };
  const crms: Partial<Record<CrmName, Crm>> = {};
  for (const name of names) {
    const crm = create(name, options, beside);
    if (crm !== undefined) {
      crms[name] = crm;
    }
  }
  return crms;
}

function create<Name extends CrmName>(name: Name, options: CrmOptions, beside: Beside): Crm | undefined {
  const given: CrmOptions[Name] = options[name];
  return given === undefined ? undefined : ADAPTERS[name]?.create(given, beside);
}
