import { accountsTouched, applyImport, isNothing, type RegistryDifferences } from '../../../registry/index.ts';
import { type Action, Invalid, Refused } from '../../action/action.ts';
import { textIn } from '../../action/posted.ts';
import type { ConsoleContext } from '../../context.ts';
import { html } from '../../page/html.ts';
import { carriedContent, FORM_WITH_CONTENT } from '../import/content.ts';
import { countOf, hiddenContent, today } from '../import/pages.ts';
import { digestOf, previewImport } from '../import/preview.ts';
import { differencesView } from '../import/preview-view.ts';
import { counted } from '../words.ts';
import { changerOf, SOURCE } from './edit-person.ts';
import { IMPORT } from './names.ts';
import { andTell } from './told.ts';

const CHANGED = 'The registry has changed since you looked: this is what the file would change now.';

/** Imports what was previewed, all of it or nothing; when that is something else by now it is shown anew. */
export function importFile(context: ConsoleContext): Action {
  const { database } = context;
  return {
    ...IMPORT,
    reason: 'none',
    unlogged: ['content', 'digest', 'format'],
    maxBytes: FORM_WITH_CONTENT,
    async prepare(_on, posted) {
      const back = '/registry';
      const content = carriedContent(posted);
      if (content === undefined) {
        const about = html`<p>Begin with <a href="/registry/import">choosing a file</a>.</p>`;
        return { title: 'Registry', about, back, impossible: 'There is nothing to import.' };
      }
      const preview = await previewImport(database, content, today(context));
      if ('faults' in preview) {
        return { title: content.name, about: '', back, impossible: 'The file has faults: choose it again.' };
      }
      const { differences } = preview.compared;
      return {
        title: content.name,
        about: differencesView(differences),
        back,
        fields: hiddenContent(content, preview.digest),
        ...(isNothing(differences) ? { impossible: 'Nothing to import: the registry says all of it already.' } : {}),
      };
    },
    async perform(_on, posted, { by }) {
      const content = carriedContent(posted);
      if (content === undefined) throw new Refused('There is nothing to import: choose a file.');
      const preview = await previewImport(database, content, today(context));
      if ('faults' in preview) throw new Refused('The file has faults: choose it again.');
      const seen = textIn(posted, 'digest');
      const { parsed, removeMissing, compared } = preview;
      let written: RegistryDifferences = compared.differences;
      const summary = await applyImport(database.db, parsed.rows, {
        accounts: parsed.accounts,
        removeMissing,
        compared,
        sourceRef: content.name,
        by: changerOf(by).by,
        source: `${SOURCE}, import ${content.name}`,
        onCompared(differences) {
          if (digestOf(differences) !== seen) throw new Invalid({ '': CHANGED });
          written = differences;
        },
      });
      const { added, changed, ended, accounts } = summary;
      const done = `${counted(countOf(written), 'change was', 'changes were')} imported from ${content.name}: ${added} new, ${changed} changed, ${ended} ended, ${counted(accounts, 'account')}`;
      return await andTell(context, accountsTouched(written), done);
    },
  };
}
