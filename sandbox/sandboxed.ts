import type { CrmNotices } from './crm/notices.ts';
import type { MeetingRequests } from './meeting/meeting-requests.ts';
import type { Deliveries } from './webhooks/deliveries.ts';
import type { Workspace } from './workspace.ts';

/** The parts of a running sandbox that its routes work with. */
export interface Sandboxed {
  workspace: Workspace;
  meetings: MeetingRequests;
  deliveries: Deliveries;
  notices: CrmNotices;
}
