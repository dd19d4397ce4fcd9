import type { Gap, Organizer } from '../registry/model.ts';
import type { Membership } from './members.ts';

/**
 * What is missing when the organizer may be no member of the SkipUp workspace. That they are none blocks, and cannot be
 * accepted: SkipUp would refuse the request. That it is not known only warns: SkipUp will say it.
 */
export function membershipGaps(organizer: Pick<Organizer, 'email'>, membership: Membership): Gap[] {
  const { email } = organizer;
  switch (membership.state) {
    case 'member':
      return [];
    case 'not_member':
      return [
        {
          code: 'organizer_not_member',
          severity: 'block',
          message: `${email} is no active member of the SkipUp workspace and cannot organize: name somebody else with \`changeOrganizer\`, or make them a member and send \`proceed\`.`,
          acceptable: false,
        },
      ];
    case 'unknown':
      return [
        {
          code: 'organizer_unchecked',
          severity: 'warn',
          message: `Whether ${email} is an active member of the SkipUp workspace could not be found out (${membership.reason}): SkipUp refuses the request if they are not.`,
          acceptable: true,
        },
      ];
  }
}
