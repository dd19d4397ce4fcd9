import type { CrmAdapter } from '../adapter.ts';
import { SALESFORCE_ACK } from './acknowledge.ts';
import { createSalesforce, type SalesforceOptions } from './index.ts';

export const salesforce: CrmAdapter<SalesforceOptions> = {
  name: 'salesforce',
  source: 'salesforce',
  path: '/triggers/salesforce/:token',
  needs: 'crm.salesforce and SALESFORCE_TRIGGER_TOKENS',
  readsById: true,
  acknowledge: () => ({ status: 200, ...SALESFORCE_ACK }),
  create: createSalesforce,
};
