import type { Step, StepRetry } from './policy.ts';

type Kind = Step['kind'];
type Common = 'id' | 'kind' | 'onFailure' | 'after' | 'retry' | 'undo';
type OptionsOf<K extends Kind> = Exclude<keyof Extract<Step, { kind: K }>, Common>;
type Item<T> = T extends readonly (infer I)[] ? I : never;
type Issue = Item<NonNullable<Extract<Step, { kind: 'linear_project' }>['issues']>>;
type UndoCall = NonNullable<Extract<Step, { kind: 'http' }>['undoWith']>;

const SECRET_HEADERS =
  'Headers whose values come from the environment: the header’s name, and the variable’s, which begins with STEP_HEADER_.';

/** What editors show beside the options that every step has. One for each, or it does not compile. */
export const COMMON_STEP_DESCRIPTIONS: Record<Exclude<Common, 'kind'>, string> = {
  id: 'Names the step: in `after`, in texts ({{steps.<id>.url}}), in `retryStep`. Once in all lists.',
  onFailure:
    'When it cannot be done: `warn`, it is shown and everything goes on; `wait`, the kickoff waits for a person to retry or skip it.',
  after: 'Steps of the same list that come first. Left out: it runs beside the others.',
  retry: 'How long it is repeated by itself before a person is told. Left out: for two days.',
  undo: 'Whether what it made is taken back, or shown as left where that cannot be, when the meeting falls through. Left out: yes for steps of on_booked, no for others.',
};

export const RETRY_DESCRIPTIONS: Record<keyof StepRetry, string> = {
  forHours: 'Not after so many hours from the first attempt.',
  firstSeconds: 'Seconds before the second attempt; each later wait is twice the one before.',
  mostMinutes: 'The longest wait, in minutes.',
  attempts: 'At most so many attempts, the first included.',
};

/** What each kind does. */
export const KIND_DESCRIPTIONS: Record<Kind, string> = {
  crm_status: 'Writes the status, and further properties, to the deal or lead.',
  crm_note: 'Writes a note to the deal or lead.',
  crm_task: 'Makes a task at the deal or lead.',
  slack: 'Posts to the incoming webhook SLACK_WEBHOOK_URL.',
  slack_message: 'Posts by Slack’s chat.postMessage with SLACK_BOT_TOKEN. Results: ids.ts, ids.channel, url.',
  email: 'Sends a mail by SMTP_URL, from mail.from. Result: ids.messageId.',
  linear_project:
    'Makes a project and issues in Linear with LINEAR_API_KEY. Results: url, ids.projectId, ids.issue_1 …',
  http: 'Calls any system that takes JSON, signed with STEP_SIGNING_SECRETS, under an Idempotency-Key. Results: what `keep` names.',
  workflow:
    'Starts a Temporal workflow of your own as a child. Results: ids.workflowId, ids.runId, and what it returns.',
  own: 'A kind of your own, from a file that stepKinds names.',
};

/** The options of each kind. One for each, or it does not compile. */
export const STEP_DESCRIPTIONS: { [K in Kind]: Record<OptionsOf<K>, string> } = {
  crm_status: {
    status: 'The value of the status property that the CRM’s section names.',
    properties: 'Further properties by the CRM’s own names; make them in the CRM first.',
  },
  crm_note: { text: 'The note, at most 5000 characters before it is filled in.' },
  crm_task: { subject: 'What is to be done.', body: 'More about it.' },
  slack: { text: 'The message, at most 3000 characters before it is filled in.' },
  slack_message: {
    channel: 'The id of a channel (C…) that the app is in, or of a user (U…).',
    text: 'The message, in Slack’s markup; what is filled in is plain text.',
    thread: 'The `ts` of a message in whose thread it is: {{steps.<id>.ids.ts}}.',
  },
  email: {
    to: 'Addresses, or texts that come to one or several: {{organizer.email}}, {{roles.champion.email}}.',
    cc: 'The same, for copies.',
    replyTo: 'Where answers go.',
    subject: 'At most 255 characters before it is filled in.',
    text: 'Plain text.',
  },
  linear_project: {
    team: 'The team’s key (IMP) or id.',
    name: 'The project’s name.',
    description: 'One line about it.',
    content: 'A longer text, Markdown.',
    template: 'The id of one of your project templates.',
    lead: 'Who leads it: the e-mail address of a Linear user.',
    issues: 'What is made in it, in this order.',
  },
  http: {
    method: 'POST, PUT, PATCH or DELETE.',
    url: 'Where: https, of a public address, or of one that stepCalls.allowPrivate names.',
    headers: 'Further headers. No secrets: the file holds none.',
    secretHeaders: SECRET_HEADERS,
    body: 'JSON whose texts are filled in.',
    keep: 'What is kept of the answer, by name: a JSON pointer (RFC 6901) into its body. `url` is the link that people see.',
    undoWith: 'The call that takes it back; its texts may name {{result.ids.<name>}}.',
  },
  workflow: {
    type: 'The workflow’s type, as its worker knows it.',
    taskQueue: 'The task queue that its worker listens to.',
    input: 'Its one argument: JSON whose texts are filled in.',
    until: '`started`: the step is done when it runs; `ended`: when it has returned.',
    timeoutHours: 'How long it may run.',
  },
  own: { use: 'The kind’s `name`.', with: 'Its options: JSON whose texts are filled in.' },
};

export const ISSUE_DESCRIPTIONS: Record<keyof Issue, string> = {
  title: 'What is to be done.',
  description: 'More about it, Markdown.',
  dueInDays: 'Due so many days after the step.',
  assignee: 'The e-mail address of a Linear user.',
  template: 'The id of one of your issue templates.',
};

export const UNDO_CALL_DESCRIPTIONS: Record<keyof UndoCall, string> = {
  method: 'POST, PUT, PATCH or DELETE.',
  url: 'Where.',
  headers: 'Further headers.',
  secretHeaders: SECRET_HEADERS,
  body: 'JSON whose texts are filled in.',
};
