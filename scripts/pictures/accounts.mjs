/** The made-up accounts of the pictures: their deals, as they stand in the sandbox's CRM, and their people. */

const OWNERS = {
  jordan: { id: '71001', email: 'jordan.lee@yourcompany.example', firstName: 'Jordan', lastName: 'Lee' },
  priya: { id: '71002', email: 'priya.nair@yourcompany.example', firstName: 'Priya', lastName: 'Nair' },
  tomas: { id: '71003', email: 'tomas.weber@yourcompany.example', firstName: 'Tomas', lastName: 'Weber' },
  /** Has left: no member of the SkipUp workspace any more. */
  dana: { id: '71009', email: 'dana.brooks@yourcompany.example', firstName: 'Dana', lastName: 'Brooks' },
};

/** Members of the SkipUp workspace besides those that a sandbox begins with. */
export const MEMBERS = [
  { email: OWNERS.priya.email, name: 'Priya Nair', timezone: 'Europe/London' },
  { email: OWNERS.tomas.email, name: 'Tomas Weber', timezone: 'Europe/Berlin' },
];

const EAST = 'America/New_York';
const CENTRAL = 'America/Chicago';
const WEST = 'America/Los_Angeles';
const LONDON = 'Europe/London';
const BERLIN = 'Europe/Berlin';

const LABELS = ['Project lead', 'Executive sponsor', 'IT contact'];

/** Name, domain, amount, owner, people: each with name, label in the CRM, zone. */
const ACCOUNTS = {
  bluepeak: ['Bluepeak Logistics', 'bluepeak', 96_000, 'priya', people(LONDON, 'Nina Shah', 'Owen Clarke')],
  fernwood: ['Fernwood Foods', 'fernwood', 54_000, 'jordan', people(CENTRAL, 'Marcus Hill', 'Ana Lopez')],
  harbor: ['Harbor & Pine', 'harborpine', 38_500, 'jordan', people(EAST, 'Ruth Adler', 'Ben Cole')],
  kestrel: ['Kestrel Bank', 'kestrel', 210_000, 'tomas', people(BERLIN, 'Jonas Keller', 'Mia Brandt', 'Lena Vogt')],
  larkspur: ['Larkspur Health', 'larkspur', 132_000, 'jordan', people(WEST, 'Grace Kim', 'Victor Stone')],
  meridian: ['Meridian Robotics', 'meridian', 175_000, 'tomas', people(BERLIN, 'Elif Aydin', 'Paul Richter')],
  ostrich: ['Ostrich Analytics', 'ostrich', 42_000, 'priya', people(LONDON, 'Zoe Grant', 'Ian Moss')],
  quill: ['Quillstone Media', 'quillstone', 61_000, 'jordan', people(EAST, 'Leo Marsh', 'Tara Quinn')],
  solace: ['Solace Energy', 'solace', 118_000, 'tomas', people(BERLIN, 'Frida Holm', 'Karl Jensen')],
  tern: ['Tern Airlines', 'tern', 260_000, 'priya', people(LONDON, 'Amara Osei', 'Hugh Bell', 'Iris Fenn')],
  viento: ['Viento Wind', 'viento', 88_000, 'jordan', people(WEST, 'Diego Ramos', 'Sofia Cruz')],
  willow: ['Willow & Finch', 'willowfinch', 27_000, 'jordan', people(EAST, 'Clara Boyd', 'Noah Reed')],
  yarrow: ['Yarrow Insurance', 'yarrow', 149_000, 'priya', people(LONDON, 'Maeve Doyle', 'Arthur Lane')],
  zephyr: ['Zephyr Travel', 'zephyr', 73_000, 'tomas', people(BERLIN, 'Emil Sand', 'Rosa Lind')],
  cobalt: ['Cobalt Instruments', 'cobalt', 124_000, 'dana', people(CENTRAL, 'Helen Park', 'Dev Patel')],
  dune: ['Dune Hospitality', 'dune', 47_500, 'jordan', []],
  ember: ['Ember Studios', 'ember', 65_000, 'priya', people(LONDON, 'Kofi Mensah', 'Sara Wyn')],
  granite: ['Granite Mutual', 'granite', 198_000, 'jordan', people(CENTRAL, 'Dan Fox', 'Lucy Tran', 'Abe Ortiz')],
  juniper: ['Juniper Labs', 'juniper', 83_000, 'tomas', people(BERLIN, 'Petra Wolf', 'Nils Berg')],
  nimbus: ['Nimbus Freight', 'nimbus', 57_000, 'jordan', people(EAST, 'Kim Walsh', 'Joel Hart')],
};

function people(timezone, ...names) {
  return names.map((name, index) => ({ name, label: LABELS[index], timezone }));
}

const FIRST_DEAL = 5_012_346_000;

/**
 * The deal of one of these accounts.
 *
 * @returns `id` and what `PUT /_sandbox/crm/deals/:id` takes
 */
export function dealOf(name, owner) {
  const [company, domain, amount, ownedBy, contacts] = ACCOUNTS[name];
  const number = Object.keys(ACCOUNTS).indexOf(name);
  return {
    id: String(FIRST_DEAL + 37 * number),
    fixture: {
      properties: {
        dealname: `${company} – ${amount > 100_000 ? 'Enterprise' : 'Team'}, 12 months`,
        dealstage: 'contractsent',
        pipeline: 'default',
        amount: String(amount),
        deal_currency_code: 'USD',
      },
      owner: OWNERS[owner ?? ownedBy],
      company: { id: String(9_087_660_000 + number), name: company, domain: `${domain}.example` },
      contacts: contacts.map(({ name, label, timezone }, index) => {
        const [firstName, lastName] = name.split(' ');
        const email = `${firstName}.${lastName}@${domain}.example`.toLowerCase();
        return { id: String(31_000 + 10 * number + index), email, firstName, lastName, timezone, labels: [label] };
      }),
    },
  };
}

/** The address of one of an account's people, by their place. */
export function addressOf(name, index) {
  return dealOf(name).fixture.contacts[index].email;
}
