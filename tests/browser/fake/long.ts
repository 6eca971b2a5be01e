// Words as long, and as foreign, as people and providers write them.

import type { World } from './world'

const WORDS =
  'Home assessment with the whole family, the architect and the lift company, third floor, ring twice; '
export const LONG = (WORDS + WORDS + WORDS).slice(0, 300)
const UNBROKEN = 'Übergabeprotokollbesprechungsvorbereitungs'.repeat(8).slice(0, 300)
const HEBREW = 'ביקור בית עם משפחת כהן והאדריכל, קומה שלישית 🦽 '.repeat(6).trim()
const EMOJI = '👩🏽‍🦽‍➡️🏡 '.repeat(40).trim()

const TITLES: Record<string, string> = {
  'P. Singh: home assessment': LONG,
  'Wheelchair review, M. Chen': UNBROKEN,
  Dentist: HEBREW,
  'Hand-over with Léa': EMOJI,
  'Supplier call': LONG,
  'Spring equipment audit': LONG,
  'Stair-lift survey': HEBREW,
}
const longer = (text: string) => TITLES[text] ?? text

const longName = (name: string) => `${name}, ${LONG.slice(0, 120)}`

/** The same world with long names for everything that somebody else may name. */
export function lengthen(world: World) {
  for (const { item } of world.events) {
    item.title = longer(item.title)
    if (item.block) item.block.calendar = longName(item.block.calendar)
    if (item.location) item.location = `${item.location}, ${WORDS}`
  }
  for (const entry of world.journal) entry.title = longer(entry.title)
  world.cards = structuredClone(world.cards)
  for (const { params } of world.cards) if (params['title']) params['title'] = longer(params['title'])
  for (const conflict of world.conflicts)
    for (const side of [conflict.mine, conflict.theirs]) side.title = longer(side.title)
  for (const booking of world.bookings) {
    booking.visitor.name = `${booking.visitor.name} ${UNBROKEN.slice(0, 90)}`
    booking.visitor.note = LONG
  }
  for (const account of world.accounts) {
    account.address = `${'m'.repeat(60)}.${account.address}`
    for (const calendar of account.calendars) calendar.name = longName(calendar.name)
  }
}
