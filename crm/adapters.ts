import type { CrmAdapter } from './adapter.ts';
import { type CrmName, crmNameSchema, KINDS } from './kinds.ts';

type OptionsOf = { [Name in CrmName]: Parameters<Awaited<ReturnType<(typeof KINDS)[Name]>>['create']>[0] };

/** What each CRM is configured with; one without options is not there. */
export type CrmOptions = { [Name in CrmName]?: OptionsOf[Name] | undefined };

type Adapters = { [Name in CrmName]?: CrmAdapter<OptionsOf[Name]> };

/** The adapter of each of {@link KINDS}: all of them are there when this file is. */
export const ADAPTERS: Adapters = {};
for (const name of crmNameSchema.options) await load(name);

async function load<Name extends CrmName>(name: Name): Promise<void> {
  const kinds: { [Each in CrmName]: () => Promise<CrmAdapter<OptionsOf[Each]>> } = KINDS;
  ADAPTERS[name] = await kinds[name]();
}
