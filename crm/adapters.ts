import type { CrmAdapter } from './adapter.ts';
import { type CrmName, crmNameSchema, KINDS } from './kinds.ts';

type OptionsOf = { [Name in CrmName]: Parameters<Awaited<ReturnType<(typeof KINDS)[Name]>>['create']>[0] };

/** What each CRM is configured with; one without options is not there. */
export type CrmOptions = { [Name in CrmName]?: OptionsOf[Name] | undefined };

type Adapters<Name extends CrmName> = { [Each in Name]?: CrmAdapter<OptionsOf[Each]> };

/** The adapter of each of {@link KINDS}: all of them are there when this file is. */
export const ADAPTERS: Adapters<CrmName> = {};
for (const name of crmNameSchema.options) await load(name, ADAPTERS);

async function load<Name extends CrmName>(name: Name, into: Adapters<Name>): Promise<void> {
  const kinds: { [Each in CrmName]: () => Promise<CrmAdapter<OptionsOf[Each]>> } = KINDS;
  into[name] = await kinds[name]();
}
