import { KNOWN_ROLES, MILESTONES, roleTitle } from '../../../registry/index.ts';
import type { Faults } from '../../action/action.ts';
import { inputField, selectField } from '../../action/field.ts';
import type { ConsoleContext } from '../../context.ts';
import { html, type Markup } from '../../page/html.ts';
import { milestoneWords, SIDE_WORDS } from '../words.ts';
import { type PersonValues, rolesToTick } from './person-values.ts';

/** Every zone that can be computed with, for the browser to offer. */
const ZONES = Intl.supportedValuesOf('timeZone');

const ATTENDANCE = [
  { value: '', label: 'as usual' },
  { value: 'required', label: 'required' },
  { value: 'optional', label: 'optional' },
  { value: 'none', label: 'not needed' },
];
const ZONE_SOURCES = [
  { value: 'person', label: 'the person' },
  { value: 'crm', label: 'the CRM' },
  { value: 'account', label: 'the account' },
];

/** The inputs for a person of the registry, but for whom and where. */
export function personInputs(
  { assembly, workstreams }: Pick<ConsoleContext, 'assembly' | 'workstreams'>,
  values: PersonValues,
  faults: Faults,
): Markup {
  const looked = [...assembly.values()].flatMap(({ requireOneOf, expectRoles, roles = [] }) => [
    ...requireOneOf,
    ...expectRoles,
    ...roles,
  ]);
  const offered = rolesToTick(KNOWN_ROLES, looked, values.roles);
  const known = workstreams.length === 0 ? '' : ` Configured: ${workstreams.join(', ')}.`;
  return html`${inputField({ name: 'name', label: 'Name', value: values.name, maxLength: 200, faults })}
${selectField({
  name: 'side',
  label: 'Side',
  value: values.side,
  required: true,
  options: Object.entries(SIDE_WORDS).map(([value, label]) => ({ value, label })),
  faults,
})}
<fieldset class="field">
<legend>Roles</legend>
${offered.map((role, index) => html`<p class="check"><input type="checkbox" id="role-${index}" name="roles" value="${role}"${values.roles.includes(role) && html` checked`}> <label for="role-${index}">${roleTitle(role)}</label></p>\n`)}</fieldset>
${inputField({ name: 'other_roles', label: 'Other roles', hint: 'Of your own: small letters and _, separated by commas.', value: values.otherRoles, faults })}
<fieldset class="field">
<legend>Attendance</legend>
<p class="hint quiet">As usual: required at the kickoff, optional later.</p>
${MILESTONES.map((milestone) => selectField({ name: milestone, label: milestoneWords(milestone), value: values.attendance[milestone] ?? '', required: true, options: ATTENDANCE, faults }))}
</fieldset>
${inputField({ name: 'timezone', label: 'Time zone', hint: 'IANA, like America/New_York.', value: values.timezone, choices: ZONES, maxLength: 64, faults })}
${selectField({ name: 'timezone_source', label: 'Time zone known from', value: values.timezoneSource, required: true, options: ZONE_SOURCES, faults })}
${inputField({ name: 'active_from', label: 'First day', type: 'date', value: values.activeFrom, faults })}
${inputField({ name: 'active_to', label: 'Last day', type: 'date', value: values.activeTo, faults })}
${inputField({
  name: 'workstreams',
  label: 'Workstreams',
  hint: `For which kickoffs they count, separated by commas; main is the one without a name. Empty: all.${known}`,
  value: values.workstreams,
  faults,
})}
${inputField({ name: 'verified_at', label: 'Verified on', type: 'date', value: values.verifiedAt, faults })}`;
}
