import { type Action, type Faults, Invalid, type Posted, Refused } from '../action/action.ts';
import { inputField, selectField, tickField } from '../action/field.ts';
import { isTicked, textIn } from '../action/posted.ts';
import type { ConsoleContext } from '../context.ts';
import { type Content, html } from '../page/html.ts';
import { leadPath } from '../page/link.ts';
import { crmName } from '../start/form-view.ts';
import { NEW_LEAD, TAKE_UP } from './names.ts';

const EMAIL = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;
const OFF =
  'Leads are not recovered here: configure recovery: in kickoff.config.yaml (an empty one, {}, takes every default).';

/** A lead is taken up by hand: by its id in a CRM, or by its address. */
export function takeUpAction({ takeUpLead, crms }: ConsoleContext): Action {
  const readable = crms.filter((crm) => crm !== 'generic');
  return {
    ...TAKE_UP,
    reason: 'required',
    async prepare(on, posted) {
      if (on !== NEW_LEAD) return undefined;
      return {
        title: 'Somebody who filled in a form and booked nothing',
        about:
          'The lead gets time to book by itself, is looked up in its CRM, and is asked through SkipUp. A lead is recovered once at a time and once a day, and never one that has opted out.',
        back: '/leads',
        fields: (faults) => fields(readable, posted, faults),
        ...(takeUpLead === undefined && { impossible: OFF }),
      };
    },
    async perform(_on, posted, { attempt }) {
      if (takeUpLead === undefined) throw new Refused(OFF);
      const text = (name: string) => textIn(posted, name) || undefined;
      const [leadId, email, owner] = [text('lead'), text('email')?.toLowerCase(), text('owner')];
      const faults = {
        ...((leadId === undefined) === (email === undefined) && {
          lead: 'Give either the lead’s id in the CRM, or an address.',
        }),
        ...(email !== undefined && !EMAIL.test(email) && { email: `“${email}” is no e-mail address.` }),
        ...(owner !== undefined && !EMAIL.test(owner) && { owner: `“${owner}” is no e-mail address.` }),
      };
      if (Object.keys(faults).length > 0) throw new Invalid(faults);
      const { started, message, workflowId } = await takeUpLead({
        crm: text('crm'),
        leadId,
        ...(email !== undefined && {
          whole: { email, name: text('name'), company: text('company'), ownerEmail: owner },
        }),
        form: text('form'),
        now: isTicked(posted, 'now'),
        reference: attempt,
      });
      if (!started) throw new Refused(message);
      return { sentence: message, back: workflowId === undefined ? '/leads' : leadPath(workflowId) };
    },
  };
}

function fields(readable: readonly string[], posted: Posted, faults: Faults): Content {
  const value = (name: string) => textIn(posted, name);
  return html`${
    readable.length > 0 &&
    html`<fieldset>
<legend>A lead of the CRM</legend>
${readable.length > 1 && selectField({ name: 'crm', label: 'CRM', required: true, value: value('crm'), options: readable.map((crm) => ({ value: crm, label: crmName(crm) })), faults })}
${inputField({ name: 'lead', label: 'Lead’s id', value: value('lead'), maxLength: 128, faults })}
</fieldset>`
  }
<fieldset>
<legend>${readable.length > 0 ? 'Or one that no CRM has' : 'The lead'}</legend>
${inputField({ name: 'email', type: 'email', label: 'E-mail', value: value('email'), maxLength: 320, faults })}
${inputField({ name: 'name', label: 'Name', value: value('name'), maxLength: 255, faults })}
${inputField({ name: 'company', label: 'Company', value: value('company'), maxLength: 255, faults })}
${inputField({ name: 'owner', type: 'email', label: 'Who invites', hint: 'An active member of the SkipUp workspace.', value: value('owner'), maxLength: 254, faults })}
</fieldset>
${inputField({ name: 'form', label: 'Form', hint: 'Which one was filled in, where the CRM does not say: Demo request', value: value('form'), maxLength: 255, faults })}
${tickField({ name: 'now', label: 'Ask at once, without time to book by itself', isTicked: isTicked(posted, 'now') })}`;
}
