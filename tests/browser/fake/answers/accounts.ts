// The fake's answers about the accounts that are there: their calendars, their tests, and how they are left.

import type { CalendarChoice, TestStep } from '../../../../ui/src/host/contract'
import { Refusal, type Part } from '../calls'
import { NOW } from '../seed'
import type { World } from '../world'

type Calls =
  | 'accounts'
  | 'set_calendar'
  | 'sync_now'
  | 'test_account'
  | 'pause_account'
  | 'disconnect_preview'
  | 'disconnect'
  | 'left_accounts'
  | 'leave_at_once'
  | 'export_calendar'
  | 'dismiss_set_aside'

export const accountAnswers = (world: World): Part<Calls> => ({
  accounts: () => world.accounts,
  set_calendar: ({ calendar: id, ...choice }) => {
    Object.assign(world.calendar(id), chosen(choice))
    world.notify('accounts', 'schedule')
    return null
  },
  sync_now: () => {
    world.notify('health', 'accounts')
    return null
  },
  test_account: ({ account: id }) =>
    world.account(id).state === 'sign_in_needed' ? refusedTest(id) : PASSED,
  pause_account: ({ account: id, paused }) => {
    world.account(id).state = paused ? 'paused' : 'connected'
    world.notify('accounts', 'health')
    return null
  },
  disconnect_preview: ({ account: id }) => preview(world, id),
  disconnect: ({ account: id, remove_copies }) => {
    const gone = world.account(id)
    const { own_copies: copies, token } = preview(world, id)
    if (remove_copies !== null && remove_copies !== token) throw new Refusal('changed_since')
    if (remove_copies !== null && copies > 0) world.removing.set(id, { copies, held_up: null })
    world.left.push(gone)
    world.accounts = world.accounts.filter((it) => it !== gone)
    world.notify('accounts', 'schedule', 'health')
    return null
  },
  left_accounts: () =>
    world.left.map(({ id, provider, address }) => ({
      id,
      provider,
      address,
      left: NOW,
      days_remaining: 30,
      removing: world.removing.get(id) ?? null,
    })),
  leave_at_once: ({ account: id }) => {
    world.removing.delete(id)
    world.notify('accounts')
    return null
  },
  export_calendar: ({ calendar: id }) => {
    const { name, progress } = world.calendar(id)
    if (progress === 'first_sync') throw new Refusal('not_read_yet')
    return { file_name: `${name}.ics`, text: 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n' }
  },
  dismiss_set_aside: ({ calendar: id }) => {
    world.cards = world.cards.filter(
      ({ remedies }) => !remedies.some((it) => it.kind === 'dismiss_set_aside' && it.calendar === id),
    )
    world.notify('health')
    return null
  },
})

/** What is `null` in a choice stays as it is. */
const chosen = (choice: Omit<CalendarChoice, 'calendar'>) =>
  Object.fromEntries(Object.entries(choice).filter(([, value]) => value !== null))

const step = (step: TestStep['step'], more: Partial<TestStep> = {}): TestStep => ({
  step,
  outcome: 'passed',
  finding: 'fine',
  count: 0,
  message: more.finding ?? 'fine',
  remedy: { kind: 'none' },
  ...more,
})

const REACHED = [step('network'), step('tls')]
const PASSED = [
  ...REACHED,
  step('token'),
  step('calendars', { finding: 'counted', count: 4 }),
  step('read'),
  step('write', { finding: 'counted', count: 3 }),
]

const refusedTest = (account: number): TestStep[] => [
  ...REACHED,
  step('token', { outcome: 'failed', finding: 'sign_in_needed', remedy: { kind: 'sign_in', account } }),
  ...(['calendars', 'read', 'write'] as const).map((name) =>
    step(name, { outcome: 'skipped', finding: 'not_reached' }),
  ),
]

function preview(world: World, account: number) {
  const { calendars, state } = world.account(account)
  const signed_out = state === 'sign_in_needed'
  const ids = calendars.map(({ id }) => id)
  const items = world.events.map(({ item }) => item)
  const own = items.filter((it) => ids.includes(it.calendar))
  const onIt = own.filter((it) => it.block).length
  const waiting = own.filter((it) => it.sending === 'waiting')
  return {
    events: own.length,
    waiting: waiting.map(({ calendar, title }) => ({
      calendar: world.name(calendar),
      title,
      deletes: false,
    })),
    copies: items.filter((it) => calendars.some(({ name }) => name === it.block?.calendar)).length,
    own_copies: signed_out ? 0 : onIt,
    stranded: signed_out ? onIt : 0,
    signed_out,
    bookings: own.filter((it) => it.booking).length,
    receives_bookings: ids.includes(world.page.settings.calendar ?? 0),
    restorable_until: '2026-04-03T11:42:00',
    token: `leaving ${String(onIt)}`,
  }
}
