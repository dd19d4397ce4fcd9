import type { CrmNotices } from './crm/notices.ts';
import type { MeetingRequests } from './meeting/meeting-requests.ts';
import type { Deliveries } from './webhooks/deliveries.ts';
import type { Workspace } from './workspace.ts';

/** One namespace, which is a whole sandbox of its own: the parts that its routes work with. */
export interface Sandboxed {
  /** `main`, or the name it was made under. */
  name: string;
  workspace: Workspace;
  meetings: MeetingRequests;
  deliveries: Deliveries;
  notices: CrmNotices;
}
