import type { Beside, CrmAdapter } from './adapter.ts';
import { ADAPTERS } from './adapters.ts';
import { type Crm, type CrmName, crmNameSchema } from './port.ts';

type OptionsOf = { [Name in CrmName]: Parameters<(typeof ADAPTERS)[Name]['create']>[0] };

/** What each CRM is configured with; one without options is not there. */
export type CrmOptions = { [Name in CrmName]?: OptionsOf[Name] | undefined };

const adapters: { [Name in CrmName]: CrmAdapter<OptionsOf[Name]> } = ADAPTERS;

/** The configured CRMs by name. The generic trigger takes deals by id for the first of those that can read one. */
export function createCrms(options: CrmOptions): Partial<Record<CrmName, Crm>> {
  const names = crmNameSchema.options;
  const beside = { readableBy: names.find((name) => ADAPTERS[name].readsById && options[name] !== undefined) };
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
  return given === undefined ? undefined : adapters[name].create(given, beside);
}
