// The world that the fake engine starts from: one week of Maya's, her accounts, her page and what was written for her.

import type {
  Account,
  Action,
  Answer,
  Attendee,
  Booking,
  BookingState,
  BookingVisitor,
  Calendar,
  Card,
  Cause,
  Details,
  EntryState,
  EventDetail,
  Item,
  JournalEntry,
  ProviderKind,
  PublicPage,
  Repeats,
  Settings,
  When,
} from '../../../ui/src/host/contract'
import { copies } from './copies'

export const NOW = '2026-03-04T11:42:20'
export const TODAY = '2026-03-04'
const pad = (n: number) => String(n).padStart(2, '0')

export const asUtc = (wall: string) => new Date(`${wall.length === 10 ? `${wall}T00:00:00` : wall}Z`)
export const wallOf = (date: Date) => date.toISOString().slice(0, 19)

const QR =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29" shape-rendering="crispEdges"><rect width="29" height="29" fill="#fff"/><path fill="#000" d="' +
  Array.from({ length: 21 * 21 }, (_, i): [x: number, y: number] => [i % 21, Math.floor(i / 21)])
    .filter(([x, y]) =>
      (x < 7 && y < 7) || (x > 13 && y < 7) || (x < 7 && y > 13)
        ? finder(x % 14, y % 14)
        : (x * 7 + y * 13 + x * y) % 3 === 0,
    )
    .map(([x, y]) => `M${x + 4} ${y + 4}h1v1h-1z`)
    .join('') +
  '"/></svg>'

function finder(x: number, y: number) {
  const edge = x === 0 || x === 6 || y === 0 || y === 6
  const core = x >= 2 && x <= 4 && y >= 2 && y <= 4
  return edge || core
}

export const settings = (): Settings => ({
  zone: 'America/Toronto',
  language: 'english',
  theme: 'system',
  clock_24h: true,
  week_start: 1,
  show_weekend: false,
  name: 'Maya Okafor',
  role: 'Occupational therapist',
  organisation: 'Northcare',
  phone: '+1 416 555 0142',
  home_address: '88 Harbord St, Toronto',
  hours: [1, 2, 3, 4, 5].flatMap((day) => [
    { day, start: '08:30', end: '12:00' },
    { day, start: '13:00', end: day === 5 ? '15:30' : '17:00' },
  ]),
  overrides: [],
  first_steps_dismissed: true,
  notifications: true,
  block_days: 90,
})

export const calendar = (
  id: number,
  name: string,
  color: number,
  more: Partial<Calendar> = {},
): Calendar => ({
  id,
  name,
  color,
  writable: true,
  primary: false,
  chosen: true,
  shown: true,
  counts_busy: true,
  events: 120 + id * 37,
  filters: { hours_only: false, all_day: true, tentative: true, free: false },
  ignored: 0,
  receives_blocks: false,
  block_privacy: 'busy',
  progress: 'up_to_date',
  last_sync: '2026-03-04T11:41:40',
  next_sync: '2026-03-04T11:46:40',
  ...more,
})

/** During its first reading, and before it. */
export const FETCHING = { progress: 'first_sync', last_sync: null } satisfies Partial<Calendar>
export const UNREAD = { progress: 'never_synced', events: 0, last_sync: null } satisfies Partial<Calendar>

export const account = (
  id: number,
  provider: ProviderKind,
  address: string,
  calendars: Calendar[],
): Account => ({
  id,
  provider,
  address,
  state: 'connected',
  reason: null,
  syncing: false,
  kept: provider === 'microsoft' ? { from: '2025-12-04', to: '2027-04-08' } : null,
  calendars,
})

export const workCalendars = () => [
  calendar(1, 'Northcare', 1, { primary: true, receives_blocks: true }),
  calendar(2, 'Visits', 4, { receives_blocks: true, block_privacy: 'title' }),
]

export const accounts = (): Account[] => [
  account(1, 'google', 'maya@northcare.ca', workCalendars()),
  account(2, 'google', 'maya.okafor@gmail.com', [
    calendar(3, 'Maya', 2, { ignored: 12 }),
    calendar(7, 'Family', 5, {
      shown: false,
      filters: { hours_only: true, all_day: true, tentative: false, free: false },
      ignored: 1,
    }),
    calendar(4, 'Holidays in Canada', 8, { writable: false, counts_busy: false }),
    calendar(6, 'Old rota', 6, { chosen: false }),
  ]),
  account(3, 'microsoft', 'm.okafor@partner.org', [
    calendar(5, 'Partner clinic', 3, { receives_blocks: true }),
  ]),
]

/** What stands in the fake calendars; the rest of an event's details follows from its calendar. */
export type Kept = Pick<EventDetail, 'item' | 'description' | 'kind' | 'details' | 'repeats'>
type More = Partial<Item> & { details?: Partial<Details>; description?: string }
export type MakeEvent = (
  calendar: number,
  start: string,
  end: string,
  title: string,
  location?: string,
  more?: More,
) => Kept

const weekdays: Repeats = {
  kind: 'rule',
  rule: {
    every: 1,
    unit: { kind: 'weeks', on: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] },
    ends: { kind: 'never' },
  },
}

/** Makes events with ids that count up. */
export function eventMaker(first = 1): MakeEvent {
  let next = first
  return (calendar, start, end, title, location = '', { details, description = '', ...more } = {}) => ({
    item: {
      event: { event: next++, original: more.repeats ? start : null },
      calendar,
      title,
      location,
      start,
      end,
      all_day: start.length === 10,
      visit: Boolean(more.booking) || (start.length > 10 && !['', 'online', 'phone'].includes(location)),
      look: 'busy',
      repeats: false,
      editable: true,
      sending: 'sent',
      conflict: null,
      booking: null,
      block: null,
      private: false,
      ...more,
    },
    description,
    kind: 'default',
    details: {
      attendees: [],
      more_attendees: false,
      meeting: null,
      attachments: [],
      more_attachments: false,
      ...details,
    },
    repeats: more.repeats ? weekdays : null,
  })
}
const attendee = (name: string, address: string, answer: Answer, more: Partial<Attendee> = {}): Attendee => ({
  name,
  address,
  answer,
  organizer: false,
  optional: false,
  resource: false,
  me: false,
  ...more,
})
const supplierCall: Partial<Details> = {
  attendees: [
    attendee('Maya Okafor', 'maya@northcare.ca', 'own', {
      organizer: true,
      me: true,
    }),
    attendee('Jonas Weber', 'jonas@liftworks.example', 'accepted'),
    attendee('', 'parts@liftworks.example', 'tentative', { optional: true }),
    attendee('Ana Roy', 'ana@northcare.ca', 'declined'),
  ],
  meeting: { service: 'Google Meet', url: 'https://meet.example/abc-defg-hij' },
  attachments: [{ title: 'Ramp parts, order form', url: 'https://drive.example/file/1' }],
}
export type Day = (day: number, from: string, to: string) => [start: string, end: string]
const on: Day = (day, a, b) => [`2026-03-${pad(day)}T${a}:00`, `2026-03-${pad(day)}T${b}:00`]

export function events(event: MakeEvent): Kept[] {
  const standups = [2, 3, 4, 6, 9, 10, 11, 12, 13].map((d) =>
    event(1, ...on(d, '09:00', '09:30'), 'Team stand-up', 'online', {
      repeats: true,
    }),
  )
  const all = [
    ...standups,
    event(2, ...on(2, '10:15', '11:30'), 'Home assessment, A. Roy', '5 King St W'),
    event(2, ...on(2, '13:00', '14:30'), 'Fitting, Lakeshore clinic', '2200 Lake Shore Blvd W'),
    event(3, ...on(3, '11:00', '12:00'), 'Supplier call', '', {
      look: 'tentative',
      details: supplierCall,
    }),
    event(1, ...on(3, '14:00', '16:00'), 'Training: new lifts and hoists', 'head office'),
    event(5, ...on(3, '15:00', '15:45'), 'Partner intake', 'Clinic, room 3'),
    event(2, ...on(4, '10:30', '11:30'), 'Wheelchair review, M. Chen', '88 Queen St E', {
      description: 'Bring the pressure map.\nDoor code 4410.',
    }),
    event(2, ...on(4, '12:15', '13:15'), 'P. Singh: home assessment', '410 Bathurst St', { booking: 'b1' }),
    event(3, ...on(4, '15:00', '16:00'), 'Dentist', '', { private: true }),
    event(1, ...on(4, '16:15', '16:45'), 'Hand-over with Léa', 'phone', {
      sending: 'waiting',
    }),
    event(2, ...on(5, '08:30', '10:00'), 'Repairs, depot', 'Depot 4'),
    event(1, ...on(5, '10:30', '11:30'), 'Ward round', 'online', {
      look: 'declined',
    }),
    event(3, ...on(5, '12:00', '13:00'), 'Lunch with Ana', '', {
      look: 'free',
    }),
    event(2, ...on(5, '14:30', '15:30'), 'Stair-lift survey', '12 Oak Ave', {
      sending: 'failed',
    }),
    event(1, ...on(6, '10:00', '12:00'), 'Route review'),
    event(5, ...on(6, '13:30', '15:30'), 'Away: school visit', '', {
      look: 'out_of_office',
      editable: false,
    }),
    event(4, '2026-03-05', '2026-03-06', 'Employee Appreciation Day', '', {
      editable: false,
      look: 'free',
    }),
    event(1, '2026-03-02', '2026-03-05', 'Spring equipment audit'),
    event(2, ...on(11, '13:00', '14:00'), 'Second fitting, Lakeshore', '2200 Lake Shore Blvd W'),
    event(3, ...on(14, '10:00', '13:00'), 'Swim meet'),
    event(2, ...on(17, '09:30', '11:00'), 'Home assessment, T. Brandt', '31 Dovercourt Rd'),
    ...copies(event, on),
  ]
  for (const { item } of all)
    if (item.all_day) {
      item.start += 'T00:00:00'
      item.end += 'T00:00:00'
    }
  return all
}

export const bookings = (): Booking[] => [
  booking('b0', 'requested', 'J. Park', '2026-03-05T11:00:00', {
    note: 'The lift hums since Monday.',
  }),
  booking('b1', 'confirmed', 'P. Singh', '2026-03-04T12:15:00'),
  booking(
    'b2',
    'accepted',
    'Noor Haddad',
    '2026-03-09T10:00:00',
    { zone: 'America/Vancouver' },
    { unwritten: { kind: 'undecided' } },
  ),
  booking('b3', 'confirmed', 'T. Brandt', '2026-03-17T09:30:00', {}, { clash: true }),
  booking('b4', 'cancelled', 'L. Moreau', '2026-03-10T14:00:00'),
  booking('b5', 'confirmed', 'A. Roy', '2026-02-26T10:00:00'),
]
const booking = (
  id: string,
  state: BookingState,
  name: string,
  start: string,
  visitor: Partial<BookingVisitor> = {},
  more: Partial<Booking> = {},
): Booking => ({
  id,
  state,
  type_name: 'Home assessment',
  start,
  end: wallOf(new Date(asUtc(start).getTime() + 3_600_000)),
  visitor: {
    name,
    email: `${name.split(' ').at(-1)?.toLowerCase()}@example.org`,
    phone: '416 555 0188',
    address: '410 Bathurst St, Toronto',
    note: '',
    zone: 'America/Toronto',
    ...visitor,
  },
  unopened: null,
  place: 'at_visitor',
  place_detail: '',
  event: null,
  unwritten: null,
  untold: null,
  clash: false,
  received: '2026-03-03T17:20:00',
  ...more,
})

export const page = (): PublicPage => ({
  enrolled: true,
  relay: 'https://book.northcare.ca/',
  url: 'https://book.northcare.ca/maya',
  qr_svg: QR,
  settings: {
    on: true,
    approval: false,
    calendar: 2,
    appointment: {
      name: 'Home assessment',
      description: 'We look at your home together and find what would help.',
      length_min: 60,
      place: 'at_visitor',
      place_detail: '',
      step_min: 15,
      buffer_before_min: 15,
      buffer_after_min: 15,
      notice_min: 1440,
      window_days: 30,
      cancel_cutoff_min: 1440,
    },
  },
  published_at: '2026-03-04T11:40:00',
  lease_until: '2026-03-07T11:40:00',
  offered: 84,
  problem: null,
})

/** Before the person has joined a relay. */
export const noPage = (): PublicPage => ({
  ...page(),
  enrolled: false,
  relay: null,
  url: null,
  qr_svg: null,
  published_at: null,
  lease_until: null,
  offered: 0,
  settings: { ...page().settings, on: false },
})

/** An hour, where nothing else is said. */
const hour = (start?: string, end?: string): When | null =>
  start ? { start, end: end ?? wallOf(new Date(asUtc(start).getTime() + 3_600_000)), all_day: false } : null
/** An entry, and between which times it moved what it is about. */
type Noted = Partial<JournalEntry> & {
  start_before?: string
  start_after?: string
  end_before?: string
  end_after?: string
}
export const entry = (
  id: number,
  at: string,
  cause: Cause,
  action: Action,
  title: string,
  state: EntryState,
  { start_before, start_after, end_before, end_after, ...more }: Noted = {},
): JournalEntry => ({
  id,
  run: id,
  at,
  action,
  cause,
  state,
  calendar: 'Visits',
  title,
  before: hour(start_before, end_before),
  after: hour(start_after, end_after),
  reason: null,
  undoable: state === 'sent' || state === 'waiting',
  lost: [],
  ...more,
})
const copyEntry = (id: number, title: string, state: EntryState, calendar: string, more: Noted) =>
  entry(
    id,
    '2026-03-04T11:20:00',
    'block',
    more.start_before ? (more.start_after ? 'change' : 'delete') : 'create',
    title,
    state,
    { run: 18, calendar, ...more },
  )
export const journal = (): JournalEntry[] => [
  entry(19, '2026-03-04T11:38:00', 'you', 'change', 'Hand-over with Léa', 'waiting', {
    calendar: 'Northcare',
    start_before: '2026-03-04T15:30:00',
    start_after: '2026-03-04T16:15:00',
  }),
  copyEntry(18, 'School pick-up', 'sent', 'Visits', {
    start_after: '2026-03-05T16:00:00',
  }),
  copyEntry(17, 'Busy', 'sent', 'Northcare', {
    start_after: '2026-03-06T08:30:00',
  }),
  copyEntry(16, 'Busy', 'sent', 'Partner clinic', {
    start_before: '2026-03-05T12:30:00',
    start_after: '2026-03-05T13:00:00',
  }),
  copyEntry(15, 'Busy', 'sent', 'Northcare', {
    start_before: '2026-03-05T12:30:00',
    start_after: '2026-03-05T13:00:00',
  }),
  copyEntry(14, 'Busy', 'overtaken', 'Northcare', {
    start_before: '2026-03-06T16:00:00',
  }),
  entry(9, '2026-03-04T10:31:00', 'booking', 'delete', 'L. Moreau: Home assessment', 'sent', {
    start_before: '2026-03-10T14:00:00',
  }),
  entry(8, '2026-03-04T10:02:00', 'booking', 'create', 'P. Singh: Home assessment', 'sent', {
    start_after: '2026-03-04T12:15:00',
  }),
  entry(7, '2026-03-04T09:41:00', 'you', 'change', 'Stair-lift survey', 'refused', {
    start_before: '2026-03-05T14:00:00',
    start_after: '2026-03-05T14:30:00',
    reason: 'The organiser does not allow changes.',
  }),
  entry(6, '2026-03-03T16:12:00', 'undo', 'create', 'Supplier call', 'sent', {
    calendar: 'Maya',
    start_after: '2026-03-03T11:00:00',
  }),
  entry(5, '2026-03-03T16:11:00', 'you', 'delete', 'Supplier call', 'undone', {
    calendar: 'Maya',
    start_before: '2026-03-03T11:00:00',
  }),
  entry(4, '2026-03-03T08:55:00', 'you', 'create', 'Repairs, depot', 'sent', {
    start_after: '2026-03-05T08:30:00',
  }),
  entry(3, '2026-03-03T08:50:00', 'you', 'change', 'Route review', 'overtaken', {
    calendar: 'Northcare',
    start_before: '2026-03-05T09:00:00',
    start_after: '2026-03-05T09:00:00',
    end_after: '2026-03-05T10:30:00',
  }),
]

export const CARDS = {
  sign_in: {
    id: 'a2',
    severity: 'broken',
    code: 'sign_in_needed',
    message: 'sign in',
    params: { account: 'maya.okafor@gmail.com' },
    events: [],
    remedies: [{ kind: 'sign_in', account: 2 }],
  },
  refused: {
    id: 'w7',
    severity: 'attention',
    code: 'write_refused',
    message: 'refused',
    params: {
      title: 'Stair-lift survey',
      reason: 'The organiser does not allow changes.',
    },
    events: [],
    remedies: [
      { kind: 'retry_write', event: 41 },
      { kind: 'undo', journal: 7 },
    ],
  },
  revoked: {
    id: 'r',
    severity: 'broken',
    code: 'relay_refused',
    message: 'revoked',
    params: { reason: 'this device was revoked at the relay; enrol it again' },
    events: [],
    remedies: [{ kind: 'open_bookings' }],
  },
  keyring: {
    id: 'm1',
    severity: 'broken',
    code: 'no_keyring',
    message: 'no keyring',
    params: {},
    events: [],
    remedies: [{ kind: 'open_secrets' }],
  },
  locked: {
    id: 'm2',
    severity: 'broken',
    code: 'secrets_locked',
    message: 'locked',
    params: {},
    events: [],
    remedies: [{ kind: 'open_secrets' }],
  },
  session: {
    id: 'm3',
    severity: 'attention',
    code: 'secrets_for_session_only',
    message: 'session only',
    params: {},
    events: [],
    remedies: [{ kind: 'open_secrets' }],
  },
  booking: {
    id: 'w8',
    severity: 'attention',
    code: 'booking_refused',
    message: 'refused',
    params: { title: 'Noor Haddad: Home assessment', reason: 'You need to have writer access.' },
    events: [],
    remedies: [
      { kind: 'retry_write', event: 42 },
      { kind: 'undo', journal: 8 },
    ],
  },
} satisfies Record<string, Card>

const aside = (
  source: 'provider' | 'file' | 'feed',
  calendar: string,
  count: number,
  events: Card['events'],
  remedies: Card['remedies'],
  more: Record<string, string> = {},
): Card => ({
  id: `aside ${calendar}`,
  severity: 'attention',
  code: 'event_set_aside',
  message: 'set aside',
  params: { calendar, source, count: String(count), once: '0', reason: 'end: before the start', ...more },
  events,
  remedies,
})
export const asides = (): Card[] => [
  aside('provider', 'Northcare', 1, [{ title: 'Visit Singh', day: '2026-03-12' }], [{ kind: 'retry' }], {
    times: 'kept',
  }),
  aside(
    'file',
    'Rota',
    5,
    [
      { title: 'Early shift', day: '2026-03-12' },
      { title: 'Late shift', day: null },
      { title: '', day: '2027-01-08' },
    ],
    [{ kind: 'import_file' }, { kind: 'dismiss_set_aside', calendar: 9 }],
  ),
  aside('feed', 'Fixtures', 2, [], [{ kind: 'retry' }], { times: 'unknown' }),
  aside('provider', 'Visits', 1, [{ title: 'Moon watch', day: '2026-03-12' }], [{ kind: 'retry' }], {
    once: '1',
  }),
]

export const ZONES = [
  'Africa/Cairo',
  'America/Argentina/Buenos_Aires',
  'America/Montreal',
  'America/New_York',
  'America/Toronto',
  'America/Vancouver',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Europe/Berlin',
  'Europe/Paris',
  'Pacific/Auckland',
  'Pacific/Chatham',
  'UTC',
]
