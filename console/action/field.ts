import { type Content, html, type Markup } from '../page/html.ts';
import type { Faults } from './action.ts';

interface Field {
  name: string;
  label: Content;
  value?: string | undefined;
  /** Below the label, in words: what may stand here. */
  hint?: Content;
  required?: boolean;
  /** Said of a field that is not required. */
  note?: string;
  maxLength?: number;
  faults?: Faults;
}

interface InputField extends Field {
  type?: 'text' | 'email' | 'number' | 'datetime-local' | 'date' | 'url' | 'file';
  min?: number;
  max?: number;
  /** What may be chosen from; anything else may be typed all the same. */
  choices?: readonly string[];
  autocomplete?: string;
}

/** One line to fill in, with its label, a hint and what was wrong with it. */
export function inputField(field: InputField): Markup {
  const { name, type = 'text', value, min, max, choices = [], autocomplete = 'off' } = field;
  const list = choices.length > 0 && html` list="${name}-choices"`;
  return labelled(
    field,
    html`<input type="${type}" id="field-${name}" name="${name}"${type !== 'file' && html` value="${value ?? ''}" autocomplete="${autocomplete}"`}${numbered('min', min)}${numbered('max', max)}${list}${attributes(field)}>
${choices.length > 0 && html`<datalist id="${name}-choices">${choices.map((choice) => html`<option value="${choice}"></option>`)}</datalist>`}`,
  );
}

/** Several lines to fill in. */
export function textField(field: Field & { rows?: number }): Markup {
  const { name, value = '', rows = 3 } = field;
  // A line break right after the tag would be taken for markup: the one that stands there is, and so spares the text's own.
  return labelled(
    field,
    html`<textarea id="field-${name}" name="${name}" rows="${rows}"${attributes(field)}>
${value}</textarea>`,
  );
}

/** One of some. */
export function selectField(field: Field & { options: readonly { value: string; label: string }[] }): Markup {
  const { name, value, options } = field;
  // To a browser an empty value is nothing chosen, and it would not send a form that has to have one.
  const isRequired = field.required === true && options.every((option) => option.value !== '');
  return labelled(
    field,
    html`<select id="field-${name}" name="${name}"${attributes({ ...field, required: isRequired })}>
${options.map((option) => html`<option value="${option.value}"${option.value === value && html` selected`}>${option.label}</option>\n`)}</select>`,
  );
}

/** A box to tick. */
export function tickField({ name, label, isTicked }: { name: string; label: Content; isTicked: boolean }): Markup {
  return html`<p class="field check"><input type="checkbox" id="field-${name}" name="${name}" value="yes"${isTicked && html` checked`}> <label for="field-${name}">${label}</label></p>`;
}

/** Buttons of which one is pressed. */
export function choiceField(field: {
  name: string;
  legend: Content;
  value: string;
  options: readonly { value: string; label: Content }[];
  faults?: Faults;
}): Markup {
  const { name, legend, value, options, faults = {} } = field;
  return html`<fieldset class="field" id="field-${name}">
<legend>${legend}</legend>
${fault(name, faults)}${options.map(
  (option, index) =>
    html`<p class="check"><input type="radio" id="field-${name}-${index}" name="${name}" value="${option.value}"${option.value === value && html` checked`}> <label for="field-${name}-${index}">${option.label}</label></p>\n`,
)}</fieldset>`;
}

/** Said above the form, for those who do not see its fields at once. */
export function faultList(faults: Faults): Markup | undefined {
  const entries = Object.entries(faults);
  if (entries.length === 0) return undefined;
  return html`<div class="notice alert" role="alert">
<p>It was not done:</p>
<ul>
${entries.map(([name, sentence]) => html`<li>${name === '' ? sentence : html`<a href="#field-${name}">${sentence}</a>`}</li>\n`)}</ul>
</div>`;
}

function labelled(field: Field, input: Markup): Markup {
  const { name, label, hint, required, note = 'may be left empty', faults = {} } = field;
  return html`<div class="field">
<label for="field-${name}">${label}${required !== true && html` <span class="quiet">(${note})</span>`}</label>
${hint !== undefined && html`<p class="hint quiet" id="hint-${name}">${hint}</p>\n`}${fault(name, faults)}${input}
</div>`;
}

function fault(name: string, faults: Faults): Markup | undefined {
  const sentence = faults[name];
  return sentence === undefined ? undefined : html`<p class="error" id="fault-${name}">${sentence}</p>\n`;
}

function attributes({ name, hint, required, maxLength, faults = {} }: Field): Markup {
  const isFaulty = faults[name] !== undefined;
  const described = [hint !== undefined && `hint-${name}`, isFaulty && `fault-${name}`].filter((id) => id !== false);
  return html`${numbered('maxlength', maxLength)}${required === true && html` required`}${isFaulty && html` aria-invalid="true"`}${described.length > 0 && html` aria-describedby="${described.join(' ')}"`}`;
}

function numbered(name: string, value: number | undefined): Markup | undefined {
  if (value === undefined) return undefined;
  if (name === 'min') return html` min="${value}"`;
  return name === 'max' ? html` max="${value}"` : html` maxlength="${value}"`;
}
