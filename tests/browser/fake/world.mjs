// A small engine in memory, for looking at the window and for its own tests. It is never shipped.

import { brakeCard, copies, copyRemoval, heldRun, runsOf, wholeRemoval } from './copies.mjs'
import { conflictCards, conflictsOf } from './conflicts.mjs'
import { lengthen } from './long.mjs'
import { search } from './search.mjs'

const NOW = '2026-03-04T11:42:20'
const TODAY = '2026-03-04'
const pad = (n) => String(n).padStart(2, '0')

const asUtc = (wall) => new Date(`${wall.length === 10 ? `${wall}T00:00:00` : wall}Z`)
const wallOf = (date) => date.toISOString().slice(0, 19)

const QR =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29" shape-rendering="crispEdges"><rect width="29" height="29" fill="#fff"/><path fill="#000" d="' +
  Array.from({ length: 21 * 21 }, (_, i) => [i % 21, Math.floor(i / 21)])
    .filter(([x, y]) =>
      (x < 7 && y < 7) || (x > 13 && y < 7) || (x < 7 && y > 13)
        ? finder(x % 14, y % 14)
        : (x * 7 + y * 13 + x * y) % 3 === 0,
    )
    .map(([x, y]) => `M${x + 4} ${y + 4}h1v1h-1z`)
    .join('') +
  '"/></svg>'

function finder(x, y) {
  const edge = x === 0 || x === 6 || y === 0 || y === 6
  const core = x >= 2 && x <= 4 && y >= 2 && y <= 4
  return edge || core
}

const settings = () => ({
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

const calendar = (id, name, color, more = {}) => ({
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

const accounts = () => [
  {
    id: 1,
    provider: 'google',
    address: 'maya@northcare.ca',
    state: 'connected',
    reason: null,
    syncing: false,
    calendars: [
      calendar(1, 'Northcare', 1, { primary: true, receives_blocks: true }),
      calendar(2, 'Visits', 4, {
        receives_blocks: true,
        block_privacy: 'title',
      }),
    ],
  },
  {
    id: 2,
    provider: 'google',
    address: 'maya.okafor@gmail.com',
    state: 'connected',
    reason: null,
    syncing: false,
    calendars: [
      calendar(3, 'Maya', 2, { ignored: 12 }),
      calendar(7, 'Family', 5, {
        shown: false,
        filters: {
          hours_only: true,
          all_day: true,
          tentative: false,
          free: false,
        },
        ignored: 1,
      }),
      calendar(4, 'Holidays in Canada', 8, {
        writable: false,
        counts_busy: false,
      }),
      calendar(6, 'Old rota', 6, { chosen: false }),
    ],
  },
  {
    id: 3,
    provider: 'microsoft',
    address: 'm.okafor@partner.org',
    state: 'connected',
    reason: null,
    syncing: false,
    calendars: [calendar(5, 'Partner clinic', 3, { receives_blocks: true })],
  },
]

const shown = ({ details: _details, description: _description, ...item }) => item
let nextId = 1
const event = (cal, start, end, title, location = '', more = {}) => ({
  item: {
    event: { event: nextId++, original: more.repeats ? start : null },
    calendar: cal,
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
    ...shown(more),
  },
  description: more.description ?? '',
  kind: 'default',
  details: {
    attendees: [],
    more_attendees: false,
    meeting: null,
    attachments: [],
    more_attachments: false,
    ...more.details,
  },
})
const attendee = (name, address, answer, more = {}) => ({
  name,
  address,
  answer,
  organizer: false,
  optional: false,
  resource: false,
  me: false,
  ...more,
})
const supplierCall = {
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
const on = (day, a, b) => [`2026-03-${pad(day)}T${a}:00`, `2026-03-${pad(day)}T${b}:00`]

function events() {
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
    event(3, ...on(7, '10:00', '13:00'), 'Swim meet'),
    event(2, ...on(11, '13:00', '14:00'), 'Second fitting, Lakeshore', '2200 Lake Shore Blvd W'),
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

const bookings = () => [
  booking('b0', 'requested', 'J. Park', '2026-03-05T11:00:00', {
    note: 'The lift hums since Monday.',
  }),
  booking('b1', 'confirmed', 'P. Singh', '2026-03-04T12:15:00'),
  booking('b2', 'accepted', 'Noor Haddad', '2026-03-09T10:00:00', {
    zone: 'America/Vancouver',
  }),
  booking('b3', 'confirmed', 'T. Brandt', '2026-03-17T09:30:00', {}, true),
  booking('b4', 'cancelled', 'L. Moreau', '2026-03-10T14:00:00'),
  booking('b5', 'confirmed', 'A. Roy', '2026-02-26T10:00:00'),
]
const booking = (id, state, name, start, visitor = {}, clash = false) => ({
  id,
  state,
  type_name: 'Home assessment',
  start,
  end: wallOf(new Date(asUtc(start).getTime() + 3_600_000)),
  visitor: {
    name,
    email: `${name.split(' ').pop().toLowerCase()}@example.org`,
    phone: '416 555 0188',
    address: '410 Bathurst St, Toronto',
    note: '',
    zone: 'America/Toronto',
    ...visitor,
  },
  event: null,
  clash,
  received: '2026-03-03T17:20:00',
})

const page = () => ({
  enrolled: true,
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

const entry = (id, at, cause, action, title, state, more = {}) => ({
  id,
  run: id,
  at,
  action,
  cause,
  state,
  calendar: 'Visits',
  title,
  start_before: null,
  start_after: null,
  reason: null,
  undoable: state === 'sent' || state === 'waiting',
  ...more,
})
const copyEntry = (id, title, state, calendar, more) =>
  entry(
    id,
    '2026-03-04T11:20:00',
    'block',
    more.start_before ? (more.start_after ? 'change' : 'delete') : 'create',
    title,
    state,
    { run: 18, calendar, ...more },
  )
const journal = () => [
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
  entry(8, '2026-03-04T10:02:00', 'booking', 'create', 'P. Singh: home assessment', 'sent', {
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
  entry(3, '2026-03-03T08:50:00', 'you', 'change', 'Route review', 'overtaken', { calendar: 'Northcare' }),
]

const CARDS = {
  sign_in: {
    id: 'a2',
    severity: 'broken',
    code: 'sign_in_needed',
    message: 'sign in',
    params: { account: 'maya.okafor@gmail.com' },
    remedy: { kind: 'sign_in', account: 2 },
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
    remedy: { kind: 'undo', journal: 7 },
  },
}

const problem = (code, message = code, params = {}) =>
  Object.assign(new Error(message), { problem: { code, message, params } })
const ZONES = [
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

/** What a CalDAV server, or the way to it, has against being connected. */
function refusals(address, password, allowsHttp, servers) {
  const named = { server: address }
  if (address.startsWith('http://') && !allowsHttp) return problem('plain_http', 'plain', named)
  const elsewhere = 'https://p34-caldav.icloud.com'
  if (address.includes('icloud') && !servers.includes(elsewhere))
    return problem('other_server', 'elsewhere', { server: elsewhere })
  if (address.startsWith('silent')) return problem('server_unreachable', 'silent', named)
  if (address.startsWith('unsafe')) return problem('server_unsafe', 'unsafe', named)
  if (address.startsWith('www')) return problem('not_caldav', 'no', named)
  return password === 'wrong' ? problem('wrong_password') : null
}

export class World {
  constructor(name) {
    nextId = 1
    this.listeners = new Set()
    this.change = 0
    this.settings = settings()
    this.accounts = accounts()
    this.events = events()
    this.bookings = bookings()
    this.page = page()
    this.journal = journal()
    this.cards = [CARDS.refused]
    this.undos = new Map()
    this.attempts = new Map()
    this.first = { account: false, hours: false, page: false, dismissed: true }
    this.refuse = null
    this.held = []
    this.conflicts = []
    this.left = []
    /** Changes when somebody else changes the calendars. */
    this.salt = 0
    this.secrets = 'keyring'
    this.#scenario(name)
  }

  #scenario(name) {
    if (name.includes('dark')) this.settings.theme = 'dark'
    if (name.includes('light')) this.settings.theme = 'light'
    if (name.includes('french')) this.settings.language = 'french'
    if (name.includes('twelve')) this.settings.clock_24h = false
    if (name.includes('broken')) {
      this.cards.unshift(CARDS.sign_in)
      this.accounts[1].state = 'sign_in_needed'
    }
    if (name.includes('caldav'))
      Object.assign(this.accounts[1], { provider: 'caldav', address: 'maya (cloud.example.org)' })
    if (name.includes('calm')) this.cards = []
    if (name.includes('conflict')) {
      this.conflicts = conflictsOf(this.events)
      this.cards = [...this.cards, ...conflictCards(this.conflicts)]
    }
    if (name.includes('held')) {
      this.held = [heldRun()]
      this.cards = [...this.cards, brakeCard(this.held[0])]
    }
    if (name.includes('empty') || name.includes('first')) {
      this.accounts = []
      this.events = []
      this.bookings = []
      this.journal = []
      this.cards = []
      this.page = {
        ...page(),
        enrolled: false,
        url: null,
        qr_svg: null,
        published_at: null,
        lease_until: null,
        offered: 0,
        settings: { ...page().settings, on: false },
      }
    }
    if (name.includes('first')) {
      this.first = { account: true, hours: true, page: true, dismissed: false }
      this.settings.first_steps_dismissed = false
    }
    if (name.includes('fetching')) {
      this.accounts[0].calendars.forEach((c) => Object.assign(c, { progress: 'first_sync', last_sync: null }))
      this.accounts[2].calendars.forEach((c) =>
        Object.assign(c, {
          progress: 'never_synced',
          events: 0,
          last_sync: null,
        }),
      )
    }
    if (name.includes('troubled'))
      this.failing = new Set([
        'schedule',
        'rail',
        'accounts',
        'journal',
        'journal_runs',
        'bookings',
        'page',
        'remove_blocks',
      ])
    if (name.includes('loading'))
      this.stuck = new Set([
        'schedule',
        'rail',
        'accounts',
        'journal',
        'journal_runs',
        'bookings',
        'page',
        'health',
        'remove_blocks',
      ])
    if (name.includes('refusing')) this.refuse = 'read_only'
    if (name.includes('long')) lengthen(this)
  }

  notify(...tags) {
    this.change += 1
    for (const listener of this.listeners) listener({ change: this.change, tags })
  }

  async call(name, payload) {
    if (this.stuck?.has(name)) return new Promise(() => {})
    if (this.failing?.has(name)) throw problem('database', 'disk I/O error')
    const handler = this[`do_${name}`]
    if (!handler) throw problem('bad_request', `no call ${name}`)
    return structuredClone(handler.call(this, payload)) ?? null
  }

  do_boot = () => ({
    version: '0.1.0',
    zone_database: '2026a',
    now: NOW,
    settings: this.settings,
    first_start: this.first,
    can_connect: ['google', 'microsoft'],
    secrets: this.secrets,
  })
  do_settings = () => this.settings
  do_set_settings(next) {
    if (!ZONES.includes(next.zone)) throw problem('bad_settings')
    this.settings = next
    this.notify('settings', 'schedule')
  }
  do_zones = () => ({ names: ZONES })
  do_accounts = () => this.accounts
  do_health() {
    const worst = this.cards.some((c) => c.severity === 'broken')
      ? 'broken'
      : this.cards.length
        ? 'attention'
        : 'ok'
    return {
      state: worst,
      cards: this.cards,
      last_sync: NOW,
      last_sync_age_s: 40,
      waiting: this.events.filter((e) => e.item.sending === 'waiting').length,
    }
  }

  #shown() {
    const shown = new Set(
      this.accounts
        .flatMap((a) => a.calendars)
        .filter((c) => c.shown && c.chosen)
        .map((c) => c.id),
    )
    return this.events.map((e) => e.item).filter((i) => shown.has(i.calendar))
  }
  do_schedule({ from, to }) {
    const items = this.#shown().filter((i) => i.start < `${to}T00:00:00` && i.end > `${from}T00:00:00`)
    return { zone: this.settings.zone, now: NOW, items }
  }
  do_rail() {
    const today = this.#shown()
      .filter((i) => !i.all_day && i.start.startsWith(TODAY))
      .sort((a, b) => a.start.localeCompare(b.start))
    const next = today.find((i) => i.start > NOW) ?? null
    return { now: NOW, next, starts_in_min: 33, today }
  }
  do_search_events = ({ text }) => search(this.#shown(), this.events, text, NOW)
  #find(ref) {
    const found = this.events.find((e) => e.item.event.event === ref.event)
    if (!found) throw problem('not_found')
    return found
  }
  do_event(ref) {
    const found = this.#find(ref)
    const account = this.accounts.find((a) => a.calendars.some((c) => c.id === found.item.calendar))
    return {
      ...found,
      calendar_name: account.calendars.find((c) => c.id === found.item.calendar).name,
      account_address: account.address,
      event_zone: this.settings.zone,
    }
  }

  #write(event, action, before, undo) {
    if (this.refuse) throw problem(this.refuse)
    const id = (this.journal[0]?.id ?? 0) + 1
    const calendar =
      this.accounts.flatMap((a) => a.calendars).find((c) => c.id === event.item.calendar)?.name ?? ''
    this.journal.unshift(
      entry(id, NOW.slice(0, 17) + '00', 'you', action, event.item.title, 'waiting', {
        calendar,
        start_before: before,
        start_after: action === 'delete' ? null : event.item.start,
      }),
    )
    this.undos.set(id, undo)
    setTimeout(() => this.notify('schedule', 'journal'), 20)
    return { event: event.item.event, journal: id }
  }
  do_create_event(made) {
    if (this.refuse) throw problem(this.refuse)
    const created = event(made.calendar, made.when.start, made.when.end, made.title, made.location, {
      all_day: made.when.all_day,
      look: made.free ? 'free' : 'busy',
      sending: 'waiting',
    })
    created.item.event.event = 1000 + this.journal.length
    created.description = made.description
    this.events.push(created)
    return this.#write(
      created,
      'create',
      null,
      () => (this.events = this.events.filter((e) => e !== created)),
    )
  }
  do_change_event({ event: ref, title, location, description, when, free, scope = 'this' }) {
    if (this.refuse) throw problem(this.refuse)
    const found = this.#find(ref)
    const old = structuredClone(found)
    const before = asUtc(found.item.start)
    const others = this.#reached(found, scope).filter((e) => e !== found)
    if (when !== null)
      for (const { item } of others)
        for (const edge of ['start', 'end'])
          item[edge] = wallOf(new Date(asUtc(item[edge]).getTime() + (asUtc(when.start) - before)))
    if (title !== null) for (const { item } of others) item.title = title
    if (title !== null) found.item.title = title
    if (location !== null) found.item.location = location
    if (description !== null) found.description = description
    if (when !== null) Object.assign(found.item, when)
    if (free !== null) found.item.look = free ? 'free' : 'busy'
    found.item.sending = 'waiting'
    return this.#write(found, 'change', old.item.start, () => Object.assign(found, old))
  }
  /** The occurrences that an edit of one is about. */
  #reached({ item }, scope) {
    if (scope === 'this') return this.#only(item)
    return this.events.filter(
      (e) => e.item.repeats && e.item.title === item.title && (scope === 'all' || e.item.start >= item.start),
    )
  }
  #only = (item) => this.events.filter((e) => e.item === item)
  do_delete_event({ event: ref, scope = 'this' }) {
    const found = this.#find(ref)
    const gone = this.#reached(found, scope)
    const written = this.#write(found, 'delete', found.item.start, () => this.events.push(...gone))
    this.events = this.events.filter((e) => !gone.includes(e))
    return written
  }
  do_undo({ journal }) {
    const undo = this.undos.get(journal)
    const row = this.journal.find((e) => e.id === journal)
    if (!undo || !row) throw problem('cannot_undo')
    undo()
    Object.assign(row, { state: 'undone', undoable: false })
    this.notify('schedule', 'journal')
    return { event: { event: 1, original: null }, journal: journal + 500 }
  }
  do_journal = ({ limit, before }) =>
    this.journal.filter((it) => before === null || it.id < before).slice(0, limit)
  do_journal_runs = (query) => runsOf(this.journal, query)
  do_undo_run({ run }) {
    const entries = this.journal.filter((it) => it.run === run)
    if (entries.length === 0) throw problem('not_found')
    const able = entries.filter((it) => it.undoable)
    for (const it of able) {
      this.undos.get(it.id)?.()
      Object.assign(it, { state: 'undone', undoable: false })
    }
    this.#note('undo', able)
    this.notify('schedule', 'journal', 'health')
    const why = (it) => (it.state === 'overtaken' ? 'never_took_effect' : 'undone_before')
    return {
      undone: able.length,
      refused: entries.filter((it) => !able.includes(it)).map((it) => ({ title: it.title, why: why(it) })),
    }
  }
  /** A run of its own, with an entry for each of these. */
  #note(cause, done, action = 'delete') {
    const first = (this.journal[0]?.id ?? 0) + 1
    const made = done.map((it, i) =>
      entry(first + i, `${NOW.slice(0, 17)}00`, cause, action, it.title, 'waiting', {
        run: first,
        calendar: it.calendar,
        start_before: it.start ?? it.start_before ?? it.start_after,
      }),
    )
    this.journal.unshift(...made.reverse())
  }
  #name = (id) => this.accounts.flatMap((a) => a.calendars).find((c) => c.id === id)?.name ?? ''

  /** What somebody does elsewhere, unheard by the window until it asks. */
  moveConflict() {
    const [moved] = this.conflicts
    const when = {
      ...moved.theirs.when,
      start: '2026-03-03T14:00:00',
      end: '2026-03-03T15:00:00',
    }
    moved.version += 1
    moved.theirs = { ...moved.theirs, when }
    moved.differences[0].theirs = { kind: 'when', when }
  }
  do_conflicts = () => this.conflicts
  do_resolve_conflict({ conflict: id, version, choice }) {
    const found = this.conflicts.find((it) => it.id === id)
    if (!found) throw problem('not_found')
    if (version !== found.version) throw problem('conflict_moved')
    if (!found.choices.includes(choice)) throw problem('bad_request')
    const stands = this.#find(found.event)
    this.conflicts = this.conflicts.filter((it) => it !== found)
    this.cards = this.cards.filter((it) => it.remedy.conflict !== id)
    stands.item.conflict = null
    if (choice === 'theirs') Object.assign(stands.item, found.theirs.when)
    this.notify('conflicts', 'health')
    return this.#write(stands, 'change', found.mine.when.start, () => {})
  }
  do_held_runs = () => this.held
  #settle(run) {
    const held = this.held.find((it) => it.run === run)
    if (!held) throw problem('not_found')
    this.held = []
    this.cards = this.cards.filter((c) => c.code !== 'brake')
    this.notify('schedule', 'journal', 'health')
    return held
  }
  do_release_run({ run, token }) {
    const held = this.held.find((it) => it.run === run)
    if (held && `${token}-${this.salt}` !== `${held.token}-0`) {
      this.held = [{ ...held, deletes: held.deletes.slice(4), token: 'held-2' }]
      this.salt = 0
      throw problem('changed_since')
    }
    this.#note('block', this.#settle(run).deletes)
  }
  do_drop_run({ run }) {
    this.#settle(run)
  }

  #stopCopies() {
    for (const found of this.accounts.flatMap((a) => a.calendars)) found.receives_blocks = false
    this.held = []
    this.cards = this.cards.filter((c) => c.code !== 'brake')
    this.notify('schedule', 'journal', 'health', 'accounts')
  }
  do_remove_blocks({ token }) {
    const removal = copyRemoval(this, this.#name)
    if (token === null) return removal
    if (token !== removal.token) throw problem('changed_since')
    this.events = this.events.filter((e) => !e.item.block)
    this.#note('removal', removal.deletes)
    this.#stopCopies()
    return { ...removal, done: true }
  }
  do_remove_everything({ token }) {
    const { doomed, removal } = wholeRemoval(this, this.#name)
    if (token === null) return removal
    if (token !== removal.token) throw problem('changed_since')
    this.events = this.events.filter((e) => !doomed.includes(e))
    this.#note('removal', removal.deletes)
    this.#stopCopies()
    return { ...removal, done: true }
  }

  do_connect({ provider, account }) {
    const attempt = `t${this.attempts.size + 1}`
    this.attempts.set(attempt, { state: 'waiting', strange: false, provider, account })
    return {
      attempt,
      authorize_url: `https://accounts.example/authorize?client_id=daymark&state=${attempt}&code_challenge=Wm8sQ0xkQ3`,
    }
  }
  do_connect_state({ attempt }) {
    const { provider: _, account, ...state } = this.attempts.get(attempt) ?? {}
    return state.state === 'done' ? { ...state, account } : state
  }
  /** The page of another sign-in came back. */
  strange(attempt) {
    this.attempts.get(attempt).strange = true
    this.notify('connect')
  }
  do_cancel_connect({ attempt }) {
    this.attempts.delete(attempt)
  }
  /** What the provider's page would do: the person consents, or does not. */
  consent(attempt, yes, problem = { code: 'sign_in_denied', message: 'denied', params: {} }) {
    const tried = this.attempts.get(attempt)
    if (!yes)
      Object.assign(tried, {
        state: 'failed',
        problem,
      })
    else {
      const back = this.left.find((it) => it.account.id === tried.account)
      if (back) this.accounts.push(back.account)
      this.left = this.left.filter((it) => it !== back)
      const known = this.accounts.find((a) => a.id === tried.account)
      const account = known ?? {
        ...accounts()[0],
        id: this.accounts.length + 10,
        address: 'new@northcare.ca',
        provider: tried.provider,
        calendars: this.accounts.length
          ? [calendar(31, 'Visits', 4), calendar(32, 'Rota', 6)]
          : accounts()[0].calendars,
      }
      account.state = 'connected'
      if (!known) {
        this.accounts.push(account)
        if (this.events.length === 0) this.events = events()
      }
      this.cards = this.cards.filter((c) => c.code !== 'sign_in_needed')
      Object.assign(tried, { state: 'done', account: account.id })
    }
    this.notify('connect', 'accounts', 'health', 'schedule')
  }
  do_connect_caldav({ address_or_url, username, password, allow_http, servers, account }) {
    const server = refusals(address_or_url, password, allow_http, servers)
    if (server) throw server
    const known = this.accounts.find((a) => a.id === account)
    const made = known ?? {
      ...accounts()[0],
      id: this.accounts.length + 20,
      provider: 'caldav',
      address: username || address_or_url,
      calendars: [calendar(41, 'Garden club', 7), calendar(42, 'Days', 6, { writable: false })],
    }
    if (!known) this.accounts.push(made)
    made.state = 'connected'
    this.cards = this.cards.filter((c) => c.code !== 'sign_in_needed')
    this.notify('accounts', 'health', 'schedule')
    return { account: made.id }
  }
  #kept(provider, name, counts_busy) {
    const id = 60 + this.accounts.length
    const made = calendar(id, name, 6, { writable: false, counts_busy })
    this.accounts.push({
      ...accounts()[0],
      id,
      provider,
      address: name,
      calendars: [made],
    })
    this.notify('accounts', 'schedule')
    return { account: id, calendar: id, name, events: 2, problems: [] }
  }
  do_import_ics({ name, text, counts_busy }) {
    if (!text.startsWith('BEGIN:VCALENDAR'))
      throw problem('not_a_calendar', 'text', { reason: 'no VCALENDAR' })
    const made = this.#kept('file', name, counts_busy)
    return { ...made, problems: ['line 7: no DTSTART'] }
  }
  do_subscribe({ url, counts_busy }) {
    if (!url.startsWith('https://')) throw problem('bad_feed_address', 'scheme', { reason: 'not https' })
    return this.#kept('feed', 'City holidays', counts_busy)
  }
  do_export_calendar({ calendar: id }) {
    const found = this.accounts.flatMap((a) => a.calendars).find((c) => c.id === id)
    if (found.progress === 'first_sync') throw problem('not_read_yet')
    return { file_name: `${found.name}.ics`, text: 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n' }
  }
  do_test_account({ account: id }) {
    const { state } = this.accounts.find((a) => a.id === id)
    const step = (step, outcome, finding, count = 0, remedy = { kind: 'none' }) => ({
      step,
      outcome,
      finding,
      count,
      message: finding,
      remedy,
    })
    const well = [step('network', 'passed', 'fine'), step('tls', 'passed', 'fine')]
    if (state !== 'sign_in_needed')
      return [
        ...well,
        step('token', 'passed', 'fine'),
        step('calendars', 'passed', 'counted', 4),
        step('read', 'passed', 'fine'),
        step('write', 'passed', 'counted', 3),
      ]
    const remedy = { kind: 'sign_in', account: id }
    const rest = ['calendars', 'read', 'write'].map((name) => step(name, 'skipped', 'not_reached'))
    return [...well, step('token', 'failed', 'sign_in_needed', 0, remedy), ...rest]
  }
  do_pause_account({ account, paused }) {
    this.accounts.find((a) => a.id === account).state = paused ? 'paused' : 'connected'
    this.notify('accounts', 'health')
  }
  do_disconnect_preview({ account }) {
    const here = this.accounts.find((a) => a.id === account)
    if (!here) throw problem('not_found')
    const ids = here.calendars.map((c) => c.id)
    const events = this.events.filter((e) => ids.includes(e.item.calendar))
    return {
      events: events.length,
      waiting: events
        .filter((e) => e.item.sending === 'waiting')
        .map(({ item }) => ({
          calendar: this.#name(item.calendar),
          title: item.title,
          deletes: false,
        })),
      copies: this.events.filter((e) => here.calendars.some((c) => c.name === e.item.block?.calendar)).length,
      stranded: events.filter((e) => e.item.block).length,
      bookings: events.filter((e) => e.item.booking).length,
      receives_bookings: ids.includes(this.page.settings.calendar),
      restorable_until: '2026-04-03T11:42:00',
    }
  }
  do_left_accounts = () =>
    this.left.map(({ account: { id, provider, address } }) => ({
      id,
      provider,
      address,
      left: NOW,
      days_remaining: 30,
    }))
  do_restore_account({ account }) {
    const back = this.left.find((it) => it.account.id === account)
    if (!back) throw problem('not_found')
    if (back.account.provider === 'caldav') {
      this.accounts.push({ ...back.account, state: 'sign_in_needed' })
      this.left = this.left.filter((it) => it !== back)
      this.notify('accounts', 'schedule')
      return { state: 'done' }
    }
    return {
      state: 'sign_in',
      ...this.do_connect({ provider: back.account.provider, account }),
    }
  }
  do_disconnect({ account }) {
    this.left.push({ account: this.accounts.find((a) => a.id === account) })
    this.accounts = this.accounts.filter((a) => a.id !== account)
    this.notify('accounts', 'schedule', 'health')
  }
  do_set_calendar(choice) {
    const found = this.accounts.flatMap((a) => a.calendars).find((c) => c.id === choice.calendar)
    for (const key of [
      'chosen',
      'shown',
      'counts_busy',
      'color',
      'filters',
      'receives_blocks',
      'block_privacy',
    ])
      if (choice[key] !== null) found[key] = choice[key]
    this.notify('accounts', 'schedule')
  }
  do_sync_now() {
    this.notify('health', 'accounts')
  }

  do_page = () => this.page
  do_enrol_relay({ address, code }) {
    if (!address.startsWith('http')) throw problem('offline')
    if (code !== 'GOOD-CODE') throw problem('bad_enrol_code')
    this.page = page()
    this.notify('page')
    return this.page
  }
  do_set_page(next) {
    this.page = { ...this.page, settings: next }
    this.notify('page')
    return this.page
  }
  do_bookings = () => this.bookings
  do_decide_booking({ booking: id, confirm }) {
    this.bookings.find((b) => b.id === id).state = confirm ? 'confirmed' : 'declined'
    this.notify('bookings', 'schedule')
  }
}
