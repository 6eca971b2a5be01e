// The fake engine behind the `look` tests answers as the real one does: both are asked the same, and both answers are
// held against the one contract, field by field.

import type { APIRequestContext } from '@playwright/test'
import { answersOf } from '../fake/answers'
import type { CallName, Fake } from '../fake/calls'
import { World } from '../fake/world'
import { book } from '../public/visit'
import { contract, expect, need, test, WORK } from './world'

/** Asks one engine, real or fake. */
type Ask = <N extends CallName>(name: N, payload: Parameters<Fake[N]>[0]) => Promise<ReturnType<Fake[N]>>

const week = { from: '2026-03-02', to: '2026-03-09' }
const latest = { limit: 100, before: null }
const account = async (ask: Ask) => ({ account: (await ask('accounts', null))[0]?.id ?? 0 })
const calendar = async (ask: Ask) => {
  const calendars = (await ask('accounts', null)).flatMap((it) => it.calendars)
  return { calendar: calendars.find((it) => it.progress === 'up_to_date')?.id ?? 0 }
}
const details = async (ask: Ask) => {
  const { items } = await ask('schedule', week)
  for (const { event } of items) await ask('event', event)
}

/** How to ask without changing anything; `acts` is what cannot. A new call belongs in one of the two. */
const QUESTIONS: Record<CallName, ((ask: Ask) => Promise<unknown>) | 'acts'> = {
  boot: (ask) => ask('boot', null),
  schedule: (ask) => ask('schedule', week),
  event: details,
  search_events: (ask) => ask('search_events', { text: 'home' }),
  open_link: 'acts',
  rail: (ask) => ask('rail', null),
  create_event: 'acts',
  change_event: 'acts',
  delete_event: 'acts',
  undo: 'acts',
  retry_write: 'acts',
  conflicts: (ask) => ask('conflicts', null),
  resolve_conflict: 'acts',
  journal: (ask) => ask('journal', latest),
  journal_runs: (ask) => ask('journal_runs', latest),
  undo_run: 'acts',
  held_runs: (ask) => ask('held_runs', null),
  release_run: 'acts',
  drop_run: 'acts',
  remove_blocks: (ask) => ask('remove_blocks', { token: null }),
  remove_everything: (ask) => ask('remove_everything', { token: null }),
  accounts: (ask) => ask('accounts', null),
  connect: 'acts',
  connect_state: 'acts',
  connect_caldav: 'acts',
  cancel_connect: 'acts',
  disconnect_preview: async (ask) => ask('disconnect_preview', await account(ask)),
  disconnect: 'acts',
  left_accounts: (ask) => ask('left_accounts', null),
  leave_at_once: 'acts',
  restore_account: 'acts',
  pause_account: 'acts',
  test_account: async (ask) => ask('test_account', await account(ask)),
  import_ics: 'acts',
  subscribe: 'acts',
  export_calendar: async (ask) => ask('export_calendar', await calendar(ask)),
  dismiss_set_aside: 'acts',
  set_calendar: 'acts',
  sync_now: 'acts',
  health: (ask) => ask('health', null),
  settings: (ask) => ask('settings', null),
  set_settings: 'acts',
  zones: (ask) => ask('zones', null),
  page: (ask) => ask('page', null),
  enrol_relay: 'acts',
  set_page: 'acts',
  bookings: (ask) => ask('bookings', null),
  decide_booking: 'acts',
  choose_secrets: 'acts',
  unlock_secrets: 'acts',
  replace_secrets: 'acts',
}

/** Asks everything, and says which of the contract's types were seen, and what was not as they say. */
async function interview(answer: (name: CallName, payload: unknown) => Promise<unknown>) {
  contract.met.clear()
  const faults: string[] = []
  const ask = (async (name: CallName, payload: unknown) => {
    const given = await answer(name, payload)
    faults.push(...contract.faults(name, 'payload', payload), ...contract.faults(name, 'answer', given))
    return given
  }) as Ask
  for (const question of Object.values(QUESTIONS)) if (question !== 'acts') await question(ask)
  return { faults, met: new Set(contract.met) }
}

function realEngine(request: APIRequestContext) {
  const url = `${new URL(need('DAYMARK_APP_URL')).origin}/rpc`
  const headers = { Authorization: `Bearer ${need('DAYMARK_APP_SESSION')}` }
  return async (name: CallName, payload: unknown) => {
    const answer = await request.post(url, { headers, data: { name, payload } })
    expect(answer.ok(), `${name}: ${await answer.text()}`).toBe(true)
    return answer.json() as Promise<unknown>
  }
}

function fakeEngine() {
  const answers = answersOf(new World('calm'))
  return (name: CallName, payload: unknown) =>
    Promise.resolve((answers[name] as (payload: unknown) => unknown)(payload))
}

/** What stands in the fake's world and not surely in the demo's: copies, an unsent edit, a removal's other ends. */
const ONLY_FAKE = ['BlockSource', 'Meeting', 'RestoredEvent', 'StayingEvent', 'StaysBecause', 'UnsentEdit']

/** An event with people and a file, as the fake's world has one. */
const CALL = {
  summary: 'Hoist delivery',
  start: { dateTime: '2026-03-03T11:00:00-05:00' },
  end: { dateTime: '2026-03-03T12:00:00-05:00' },
  attendees: [{ email: 'jonas@liftworks.example', displayName: 'Jonas Weber', responseStatus: 'accepted' }],
  attachments: [{ title: 'Ramp parts, order form', fileUrl: 'https://drive.example/file/1' }],
}

test('the real engine and the fake one keep the same contract', async ({ page, request, sandbox }) => {
  expect(Object.keys(QUESTIONS).sort()).toEqual(contract.calls().sort())
  await book(page)
  await sandbox.insertAtGoogle(WORK, CALL)
  const ask = realEngine(request)
  await ask('sync_now', null)
  await expect.poll(() => ask('bookings', null)).not.toEqual([])
  // An account that is being read when “sync now” is asked for is read again at the next look, five seconds later.
  await expect
    .poll(() => ask('search_events', { text: CALL.summary }), { timeout: 15_000 })
    .toMatchObject({ items: [{ title: CALL.summary }] })
  const real = await interview(ask)
  const fake = await interview(fakeEngine())
  expect(real.faults, 'the real engine').toEqual([])
  expect(fake.faults, 'the fake engine').toEqual([])
  const unseen = [...fake.met].filter((type) => !real.met.has(type) && !ONLY_FAKE.includes(type))
  expect(unseen, 'what only the fake engine showed').toEqual([])
})
