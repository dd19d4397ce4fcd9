/**
 * The CRM room: one port, one folder for each CRM. To add a CRM: make its folder with a `create…(options): Crm`, add its
 * name to `crmNameSchema`, and one line to {@link createCrms}.
 */
import { createGeneric, type GenericOptions } from './generic/index.ts';
import { createHubSpot, type HubSpotOptions } from './hubspot/index.ts';
import type { Crm, CrmName } from './port.ts';

export { createGeneric, type GenericOptions } from './generic/index.ts';
export { createHubSpot, type HubSpotOptions } from './hubspot/index.ts';
export type { HubSpotSignatureVersion } from './hubspot/signature.ts';
export {
  type Crm,
  type CrmContact,
  CrmError,
  type CrmErrorCode,
  type CrmName,
  type CrmWrite,
  type CrmWriteResult,
  crmNameSchema,
  type Deal,
  type DealSignal,
  dealSchema,
  type InboundRequest,
  TriggerRefused,
  type TriggerRefusedCode,
} from './port.ts';

export interface CrmOptions {
  hubspot?: HubSpotOptions | undefined;
  generic?: GenericOptions | undefined;
}

/** The configured CRMs by name. The generic trigger takes deals by id for HubSpot when that is configured. */
export function createCrms(options: CrmOptions): Partial<Record<CrmName, Crm>> {
  const readableBy = options.hubspot === undefined ? undefined : 'hubspot';
  return {
    ...(options.hubspot === undefined ? {} : { hubspot: createHubSpot(options.hubspot) }),
    ...(options.generic === undefined ? {} : { generic: createGeneric({ readableBy, ...options.generic }) }),
  };
}
