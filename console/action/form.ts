import { randomUUID } from 'node:crypto';
import { type Content, html, type Markup } from '../page/html.ts';
import type { Visit } from '../visit.ts';

/**
 * A form that does an action when it is sent; with what every such form must carry: the session's token, and an id of its
 * own, so that sending it twice does it once.
 *
 * @param action its name
 * @param on what it is done to
 * @param body inputs and button
 */
export function actionForm(
  visit: Visit,
  { action, on, upload = false }: { action: string; on: string; upload?: boolean },
  body: Content,
): Markup {
  return html`<form class="action" method="post" action="/actions/${action}"${upload && html` enctype="multipart/form-data"`}>
<input type="hidden" name="csrf" value="${visit.csrfToken}">
<input type="hidden" name="attempt" value="${randomUUID()}">
<input type="hidden" name="on" value="${on}">
${body}
</form>`;
}
