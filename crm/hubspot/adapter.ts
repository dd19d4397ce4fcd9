import { acknowledgeInJson, type CrmAdapter } from '../adapter.ts';
import { createHubSpot, type HubSpotOptions } from './index.ts';

export const hubspot: CrmAdapter<HubSpotOptions> = {
  name: 'hubspot',
  source: 'hubspot',
  path: '/triggers/hubspot',
  needs: 'HUBSPOT_CLIENT_SECRET, HUBSPOT_ACCESS_TOKEN and PUBLIC_URL',
  readsById: true,
  acknowledge: acknowledgeInJson,
  create: createHubSpot,
};
