import { type CrmAdapter, json } from '../adapter.ts';
import { createGeneric, type GenericOptions } from './index.ts';

export const generic: CrmAdapter<GenericOptions> = {
  name: 'generic',
  source: 'deal',
  path: '/triggers/deal',
  needs: 'DEAL_TRIGGER_SECRETS or DEAL_TRIGGER_TOKENS',
  readsById: false,
  acknowledge: ({ duplicates }) => json(202, { received: true, duplicates }),
  create: (options, { readableBy }) => createGeneric({ readableBy, ...options }),
};
