import type { KickoffPolicy } from './policy.ts';

/** What editors show beside the options under `kickoff:`. One for each, or it does not compile. */
export const POLICY_DESCRIPTIONS: Record<keyof KickoffPolicy, string> = {
  vendor: 'Your company’s name, for the texts.',
  title: 'The meeting’s title, at most 255 characters. Takes {{deal.account.name}}, {{deal.name}}, {{vendor}}.',
  purpose: 'What the meeting is for, at most 500 characters; SkipUp tells it to the participants.',
  description: 'What participants should know, at most 3000 characters.',
  durationMinutes: 'Length of the meeting.',
  includeIntroduction: 'Whether SkipUp introduces itself to the participants.',
  leadDays: 'The meeting is at the earliest so many days from now.',
  windowDays: 'The meeting is booked within so many days after that.',
  workingDays:
    'Whether both are counted in working days, where the account’s country (in the registry) or yours is known; else in calendar days.',
  country: 'Your country, whose weekends and public holidays are no working days: DE, or of a part US-CA.',
  lateCancelDays: 'How long after the window’s end a booked kickoff still listens for a cancellation.',
  remindAfterDays: 'A kickoff that waits for a person reminds after so many days, and again.',
  giveUpAfterDays: 'A kickoff that waits for a person gives up after so many days.',
  whenDealIsLost:
    'The deal is reopened or lost while its kickoff runs: `ask` the CSM (on_attention steps), or `cancel` the kickoff.',
  steps: 'What is done when: lists of onboarding steps.',
};
