import { z } from 'zod';
import type { ListedKickoff } from '../../database/index.ts';
import { html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { isolated, kickoffPath } from '../page/link.ts';
import { table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { phaseChip } from '../words/phase.ts';

const dealSchema = z.object({ name: z.string().optional() }).catch({});

/** Some kickoffs, the newest first. @param limit more than so many are not shown */
export function kickoffList(visit: Visit, kickoffs: readonly ListedKickoff[], limit: number, nobody: string): Markup {
  return html`<section data-part id="kickoffs" aria-labelledby="kickoffs-heading">
<h2 id="kickoffs-heading">Kickoffs</h2>
${
  kickoffs.length === 0
    ? html`<p>${nobody}</p>`
    : table(
        'Kickoffs, newest first',
        ['Deal', 'Account', 'Phase', 'Begun'],
        kickoffs
          .slice(0, limit)
          .map((row) => [
            html`<a href="${kickoffPath(row.workflow_id)}">${isolated(dealSchema.parse(row.deal).name ?? row.deal_id)}</a> <span class="quiet">${isolated(row.deal_id)}${row.workstream !== '' && `, ${row.workstream}`}</span>`,
            isolated(row.account_name),
            phaseChip(row.phase),
            instant(row.created_at, visit.zone),
          ]),
      )
}
${kickoffs.length > limit && html`<p>These are the ${limit} newest; the list of all kickoffs can be searched.</p>`}
</section>`;
}
