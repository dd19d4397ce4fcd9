import { acknowledgeInJson, type CrmAdapter } from '../adapter.ts';
import { createPipedrive, type PipedriveOptions } from './index.ts';

export const pipedrive: CrmAdapter<PipedriveOptions> = {
  name: 'pipedrive',
  source: 'pipedrive',
  path: '/triggers/pipedrive',
  needs: 'crm.pipedrive, PIPEDRIVE_WEBHOOK_USER and PIPEDRIVE_WEBHOOK_PASSWORD',
  readsById: true,
  acknowledge: acknowledgeInJson,
  create: createPipedrive,
};
