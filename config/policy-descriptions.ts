import type { KickoffPolicy, RecoveryPolicy } from './policy.ts';

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
  whenBookingIsCancelled:
    'A booked meeting is cancelled: what its steps made is undone or flagged, then the kickoff is closed (`close`), waits for the CSM (`wait`), or is scheduled anew (`reschedule`).',
  rescheduleTimes: 'How often `reschedule` does so before it waits.',
  whenWindowPasses:
    'The window passes without a booking: the kickoff is closed (`close`), its window is extended (`extend`), or a person takes over (`hand_over`).',
  extendTimes: 'How often `extend` does so before it hands over.',
  remindBeforeDays: 'So many days before the window’s end the CSM is reminded that nothing is booked. Left out: not.',
  ghostedAfterFollowUps: 'After so many follow-ups without a booking the CSM is told (on_ghosted steps); 0: never.',
  managerAfterFollowUps: 'And after so many the CSM’s manager (on_ghosted steps again); 0: never.',
  manager: 'The CSMs’ manager, who is told of ghosted kickoffs and of organizers who have left.',
  managerOf: 'Other managers, by the CSM’s e-mail address.',
  steps: 'What is done when: lists of onboarding steps.',
};

/** The same for the options under `recovery:`. */
export const RECOVERY_DESCRIPTIONS: Record<keyof RecoveryPolicy, string> = {
  vendor: 'Your company’s name, for the texts.',
  title: 'The meeting’s title, at most 255 characters. Takes {{lead.company}}, {{lead.name}}, {{vendor}}.',
  purpose: 'What the meeting is for, at most 500 characters; SkipUp tells it to the lead.',
  description:
    'What SkipUp knows of the lead: takes {{form.answers}} and everything of {{lead.…}}. At most 3000 characters.',
  durationMinutes: 'Length of the meeting.',
  includeIntroduction: 'Whether SkipUp introduces itself.',
  waitMinutes: 'How long a lead has to book by itself, 15 to 60.',
  leadDays: 'The meeting is at the earliest so many days from now.',
  windowDays: 'The meeting is booked within so many days after that.',
  workingDays: 'Whether both are counted in working days of your country; else in calendar days.',
  country: 'Your country, whose weekends and public holidays are no working days: DE, or of a part US-CA.',
  lateCancelDays: 'How long after the window’s end a booked meeting still listens for a cancellation.',
  remindAfterDays: 'A recovery that waits for a person reminds after so many days, and again.',
  giveUpAfterDays: 'A recovery that waits for a person gives up after so many days.',
  attempts: 'So often a lead is written to in all; at most once a day in any case.',
  steps: 'What is done when: lists of steps.',
};
