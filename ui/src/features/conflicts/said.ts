// What a side of a conflict says, in words.

import type { Repeat, Repeats, Said, Weekday, When } from '../../host/contract'
import type { Dates } from '../../i18n/dates'
import type { Translate } from '../../i18n/translate'
import { addDays, dayOf } from '../../state/wall'

interface Words {
  t: Translate
  dates: Dates
}

const WEEK: readonly Weekday[] = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
]
const ANY_MONDAY = '2024-01-01'

export function saidText(said: Said, { t, dates }: Words): string {
  switch (said.kind) {
    case 'text':
      return said.text || t('conflict.empty')
    case 'when':
      return whenText(said.when, dates)
    case 'repeats':
      return repeatsText(said.repeats, { t, dates })
    case 'free':
      return t(said.free ? 'look.free' : 'look.busy')
    case 'private':
      return t(said.private ? 'event.private' : 'conflict.public')
  }
}

/** Shorter than elsewhere: two of them stand under each other in a narrow card. */
function whenText({ start, end, all_day }: When, dates: Dates): string {
  if (all_day || dayOf(start) !== dayOf(end)) return dates.when(start, end, all_day)
  return `${dates.dayAndMonth(start)}, ${dates.times(start, end)}`
}

function repeatsText(repeats: Repeats | null, words: Words): string {
  if (repeats === null) return words.t('repeat.once')
  if (repeats.kind === 'custom') return words.t('repeat.custom')
  return [rhythm(repeats.rule, words), ending(repeats.rule, words)].filter(Boolean).join(', ')
}

function rhythm({ unit, every }: Repeat, { t, dates }: Words): string {
  const named = (day: Weekday) => dates.weekday(addDays(ANY_MONDAY, WEEK.indexOf(day)))
  switch (unit.kind) {
    case 'days':
      return t('repeat.days', { n: every })
    case 'weeks': {
      const days = WEEK.filter((day) => unit.on.includes(day)).map(named)
      return [t('repeat.weeks', { n: every }), ...days].join(', ')
    }
    case 'months_on_day':
      return `${t('repeat.months', { n: every })}, ${t('repeat.onDay', { day: unit.day })}`
    case 'months_on_weekday': {
      const day = named(unit.weekday)
      const which = unit.nth < 0 ? t('repeat.last', { day }) : t('repeat.nth', { nth: unit.nth, day })
      return `${t('repeat.months', { n: every })}, ${which}`
    }
    case 'years':
      return t('repeat.years', { n: every })
  }
}

function ending({ ends }: Repeat, { t, dates }: Words): string {
  if (ends.kind === 'never') return ''
  if (ends.kind === 'on') return t('repeat.until', { day: dates.date(ends.date) })
  return t('repeat.times', { n: ends.count })
}
