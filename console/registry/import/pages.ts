import { isNothing, type RegistryDifferences } from '../../../registry/index.ts';
import { checkForm } from '../../access/check-form.ts';
import { inputField, textField, tickField } from '../../action/field.ts';
import { actionForm } from '../../action/form.ts';
import { whyNot } from '../../action/guard.ts';
import { takeForms } from '../../action/pages.ts';
import { FORM_BYTES, readPosted, textIn } from '../../action/posted.ts';
import type { AddPages, ConsoleContext } from '../../context.ts';
import { html, type Markup } from '../../page/html.ts';
import { messagePage, page } from '../../page/layout.ts';
import { isolated } from '../../page/link.ts';
import { send } from '../../send.ts';
import type { Visit } from '../../visit.ts';
import { IMPORT } from '../actions/names.ts';
import { counted } from '../words.ts';
import { carriedFields, contentIn, type ImportContent, MOST_BYTES, MOST_YAML_BYTES, TOO_LARGE } from './content.ts';
import { type ImportPreview, previewImport } from './preview.ts';
import { differencesView, faultTable } from './preview-view.ts';

/** Text in an address's encoding takes up to three times the bytes. */
const PASTED_FORM = 3 * MOST_BYTES + FORM_BYTES;

/** Below the action, where a form with a file may be sent to: its token is looked at when it has been read. */
const PREVIEW = `/actions/${IMPORT.name}/preview`;

/**
 * `/registry/import`: a file is chosen or pasted, and shown as what it would change. Looking at that changes nothing; the form
 * below it does (`registry.import`).
 */
export const addImport: AddPages = (app, context) => {
  app.get('/registry/import', async (request, reply) => {
    const refused = whyNot(request.visit);
    if (refused !== undefined) return send(reply.code(403), messagePage(request.visit, 'Import', refused));
    return send(reply, importPage(request.visit));
  });
  app.register(async (forms) => {
    await takeForms(forms);
    forms.setErrorHandler(async (error: { statusCode?: number }, request, reply) => {
      if (error.statusCode !== 413) throw error;
      return send(reply.code(413), importPage(request.visit, TOO_LARGE));
    });
    forms.post(PREVIEW, { bodyLimit: PASTED_FORM }, async (request, reply) => {
      const { visit } = request;
      const refused = whyNot(visit);
      if (refused !== undefined) return send(reply.code(403), messagePage(visit, 'Import', refused));
      const posted = await readPosted(request, { upload: true, maxBytes: MOST_BYTES });
      // A form of several parts is read here, so its token is held against the session here, too.
      checkForm(request, textIn(posted, 'csrf'));
      const content = contentIn(posted);
      if (typeof content === 'string') return send(reply.code(422), importPage(visit, content));
      const preview = await previewImport(context.database, content, today(context));
      return send(reply, previewPage(visit, content, preview));
    });
  });
};

export function today({ now }: Pick<ConsoleContext, 'now'>): string {
  return now().toISOString().slice(0, 10);
}

const REMOVE_MISSING = 'End whoever is active in one of its accounts and not in it';

function importPage(visit: Visit, problem?: string): Markup {
  const tick = tickField({ name: 'remove_missing', label: REMOVE_MISSING, isTicked: false });
  const csrf = html`<input type="hidden" name="csrf" value="${visit.csrfToken}">`;
  return page(
    visit,
    { title: 'Import', place: '/registry' },
    html`<h1>Import people</h1>
<p>A CSV or YAML file as <a href="/registry/export.csv">the export</a> writes it. First you see what it would change; nothing is changed before you say so.</p>
${problem !== undefined && html`<div class="notice alert" role="alert"><p>${problem}</p></div>`}
<section aria-labelledby="file-heading">
<h2 id="file-heading">A file</h2>
<form class="action" method="post" action="${PREVIEW}" enctype="multipart/form-data">
${csrf}
${inputField({ name: 'file', label: 'File', type: 'file', required: true, hint: `.csv or .yaml, UTF-8, at most ${MOST_BYTES / 1_000_000} MB, of YAML ${MOST_YAML_BYTES / 1_000} KB. The command line takes larger ones.` })}
${tick}
<p class="actions"><button type="submit">Show what it changes</button></p>
</form>
</section>
<section aria-labelledby="paste-heading">
<h2 id="paste-heading">Or its text</h2>
<form class="action" method="post" action="${PREVIEW}">
${csrf}
${textField({ name: 'text', label: 'Text', required: true, rows: 10, hint: 'With the line that names the columns: account_id, email, name, roles, …' })}
${html`<p class="check"><input type="checkbox" id="paste-remove-missing" name="remove_missing" value="yes"> <label for="paste-remove-missing">${REMOVE_MISSING}</label></p>`}
<p class="actions"><button type="submit">Show what it changes</button></p>
</form>
</section>`,
  );
}

function previewPage(visit: Visit, content: ImportContent, preview: ImportPreview): Markup {
  return page(
    visit,
    { title: 'Import', place: '/registry' },
    html`<h1>What ${isolated(content.name)} changes</h1>
${'faults' in preview ? html`${faultTable(preview.faults)}\n${another()}` : toImport(visit, content, preview.compared.differences, preview.digest)}`,
  );
}

function toImport(visit: Visit, content: ImportContent, differences: RegistryDifferences, digest: string): Markup {
  if (isNothing(differences)) {
    return html`${differencesView(differences)}
<p>Nothing to import: the registry says all of it already.</p>
${another()}`;
  }
  return html`${differencesView(differences)}
${actionForm(
  visit,
  { action: IMPORT.name, on: 'registry' },
  html`${hiddenContent(content, digest)}
<p class="actions"><button type="submit">Import ${counted(countOf(differences), 'this change', 'these changes').replace(/^([\d,]+) (this|these)/, '$2 $1')}</button> <a href="/registry/import">Do not</a></p>`,
)}`;
}

function another(): Markup {
  return html`<p><a href="/registry/import">Choose another file</a></p>`;
}

/** How many rows and accounts are written. */
export function countOf({ added, changed, ended, accounts }: RegistryDifferences): number {
  return added.length + changed.length + ended.length + accounts.length;
}

/** What the form of an import carries. */
export function hiddenContent(content: ImportContent, digest: string): Markup {
  const fields = Object.entries({ ...carriedFields(content), digest });
  return html`${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`)}`;
}
