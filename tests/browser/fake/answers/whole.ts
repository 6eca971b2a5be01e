// The fake's answers about the whole: how it starts, how it is, its settings, and the public page.

import type { HealthState } from '../../../../ui/src/host/contract'
import { present, Refusal, type Part } from '../calls'
import { NOW, page, ZONES } from '../seed'
import type { World } from '../world'

type Calls =
  | 'boot'
  | 'health'
  | 'settings'
  | 'set_settings'
  | 'zones'
  | 'page'
  | 'enrol_relay'
  | 'set_page'
  | 'bookings'
  | 'decide_booking'

export const wholeAnswers = (world: World): Part<Calls> => ({
  boot: () => ({
    version: '0.1.0',
    zone_database: '2026a',
    now: NOW,
    settings: world.settings,
    system_language: 'english',
    first_start: world.first,
    can_connect: ['google', 'microsoft'],
    secrets: world.secrets,
  }),
  health: () => ({
    state: worst(world),
    cards: world.cards,
    last_sync: NOW,
    last_sync_age_s: 40,
    waiting: world.events.filter(({ item }) => item.sending === 'waiting').length,
  }),
  settings: () => world.settings,
  set_settings: (next) => {
    if (!ZONES.includes(next.zone)) throw new Refusal('bad_settings')
    world.settings = next
    world.notify('settings', 'schedule')
    return null
  },
  zones: () => ({ names: ZONES }),
  page: () => world.page,
  enrol_relay: ({ address, code }) => {
    world.mayKeep()
    if (!address.startsWith('http')) throw new Refusal('offline')
    if (code !== 'GOOD-CODE') throw new Refusal('bad_enrol_code')
    world.page = page()
    world.cards = world.cards.filter(({ code }) => code !== 'relay_refused')
    world.notify('page', 'health')
    return world.page
  },
  set_page: (settings) => {
    world.page = { ...world.page, settings }
    world.notify('page')
    return world.page
  },
  bookings: () => world.bookings,
  decide_booking: ({ booking, confirm }) => {
    present(world.bookings.find(({ id }) => id === booking)).state = confirm ? 'confirmed' : 'declined'
    world.notify('bookings', 'schedule')
    return null
  },
})

function worst({ cards }: World): HealthState {
  if (cards.some(({ severity }) => severity === 'broken')) return 'broken'
  return cards.length ? 'attention' : 'ok'
}
