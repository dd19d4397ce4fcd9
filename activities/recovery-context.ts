import type { FormSubmission, Lead } from '../crm/port.ts';
import type { Organizer, Participant } from '../registry/model.ts';
import { DESCRIPTION_LIMIT, PURPOSE_LIMIT, TITLE_LIMIT } from './context.ts';
import type { MeetingContext, PrepareRecoveryInput } from './contract.ts';
import { cut } from './cut.ts';
import { fillTemplate } from './steps/template.ts';

/** So much of one answer, and of a field's label, is told. */
const ANSWER_LIMIT = 1000;
const LABEL_LIMIT = 100;

interface RecoveryPeople {
  lead: Lead;
  form: FormSubmission;
  organizer: Organizer | undefined;
  participant: Participant;
}

/**
 * What SkipUp knows of the lead. "Pass rich lead context (company, role, form data, intent signals) … the strongest lever
 * for recovery email effectiveness", says SkipUp's guide to lead recovery pipelines.
 */
export function recoveryContext(
  texts: PrepareRecoveryInput['texts'],
  { lead, form, organizer, participant }: RecoveryPeople,
): MeetingContext {
  const known = Object.fromEntries(
    Object.entries(lead).map(([field, value]) => [field, typeof value === 'string' ? oneLine(value) : value]),
  );
  const name = oneLine(lead.name ?? '') || lead.email;
  const data = {
    vendor: texts.vendor,
    lead: { ...known, name },
    form: {
      name: oneLine(form.name),
      page: form.page ?? '',
      submittedAt: form.submittedAt,
      submittedOn: form.submittedAt.slice(0, 10),
      answers: answersInWords(form.answers),
      answer: Object.fromEntries(Object.entries(form.answers).map(([label, answer]) => [label, oneLine(answer)])),
    },
    organizer,
    participants: [participant],
  };
  // A title must not end in the air where the company is not known.
  const named = { ...data, lead: { ...data.lead, company: oneLine(lead.company ?? '') || name } };
  return {
    title: cut(tidy(fillTemplate(texts.title, named)), TITLE_LIMIT),
    purpose: cut(tidy(fillTemplate(texts.purpose, named)), PURPOSE_LIMIT),
    description: cut(tidy(fillTemplate(texts.description, data)), DESCRIPTION_LIMIT),
    durationMinutes: texts.durationMinutes,
  };
}

/** `Company size: 50-200. Interest: automating vendor onboarding.` */
function answersInWords(answers: FormSubmission['answers']): string {
  return Object.entries(answers)
    .map(([label, answer]) => [cut(oneLine(label), LABEL_LIMIT), cut(oneLine(answer), ANSWER_LIMIT)] as const)
    .filter(([, answer]) => answer !== '')
    .map(([label, answer]) => `${label}: ${answer}${/[.!?…]$/.test(answer) ? '' : '.'}`)
    .join(' ');
}

/** Takes away what only stood around something that is not known: `Sarah (, Acme)` becomes `Sarah (Acme)`. */
function tidy(text: string): string {
  return text
    .replace(/\(\s*(?:,\s*)+/g, '(')
    .replace(/(?:\s*,)+\s*\)/g, ')')
    .replace(/[^\S\n]*\(\s*\)/g, '')
    .replace(/[^\S\n]{2,}/g, ' ')
    .trim();
}

function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}
