// What went wrong, in the person's language: failed calls and health cards alike.

import type { Card } from '../host/contract'
import type { Trouble } from '../host/host'
import { english } from './english'
import { dayOf, type Wall } from '../state/wall'
import type { Dates } from './dates'
import type { Key, Translate } from './translate'

type ProblemKey = Extract<Key, `problem.${string}`>
type CardKey = Extract<Key, `card.${string}`>

// The compiler sees to it that every code has words.
const problemKey: (code: Trouble['code']) => ProblemKey = (code) => `problem.${code}`
const cardKey: (code: Card['code']) => CardKey = (code) => `card.${code}`

/** Sentences mention values by the names that the engine gives them; a value that it left out is left out here. */
function say(t: Translate, key: Key, params: Record<string, string>): string {
  const known: Record<string, string> = {}
  const message: unknown = english[key]
  if (message === undefined) return ''
  for (const [, name] of JSON.stringify(message).matchAll(/\{(\w+)\}/g)) if (name) known[name] = ''
  const untyped = t as (key: Key, values: Record<string, string>) => string
  return untyped(key, { ...known, ...params })
    .replace(/ +([.,])/g, '$1')
    .trim()
}

export const troubleText = (trouble: Trouble, t: Translate): string => {
  const text = say(t, problemKey(trouble.code), trouble.params)
  // For a code this window does not know (a newer engine), the engine's own English is better than nothing.
  return text || trouble.message
}

/** What a sentence is made with: words, days, and what time it is. */
export interface Voice {
  t: Translate
  dates: Dates
  now: Wall
}

export const cardTitle = (card: Card, voice: Voice): string =>
  card.code === 'event_set_aside' ? asideText(card, voice) : say(voice.t, cardKey(card.code), card.params)

/** What could not be read: which events, and on which days. */
function asideText({ events, params }: Card, { t, dates, now }: Voice): string {
  const calendar = params['calendar'] ?? ''
  const n = Number(params['count'] ?? 1)
  const named = ({ title, day }: Card['events'][number]) => {
    const on = day === null ? '' : dates.dayOfYear(day, dayOf(now))
    if (title === '') return t('aside.day', { day: on })
    return on === '' ? t('aside.title', { title }) : t('aside.titleAndDay', { title, day: on })
  }
  const names = events.map(named)
  const others = n - names.length
  if (names.length === 0) return t('card.event_set_aside', { n, calendar })
  const listed = others > 0 ? [...names, t('aside.more', { n: others })] : names
  return t(asideKey(params, n), { n, calendar, names: capital(dates.list(listed)) })
}

/** Those that only lack a rule which can be followed stand in the calendar. */
function asideKey(params: Card['params'], n: number) {
  const once = Number(params['once'] ?? 0)
  if (once === 0) return 'aside.named'
  return once === n ? 'aside.once' : 'aside.mixed'
}

const capital = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1)

function adviceKey(params: Card['params'], n: number) {
  const source = params['source']
  if (source === 'file' || source === 'feed') return `aside.${source}` as const
  return asideKey(params, n) === 'aside.once' ? 'aside.providerOnce' : 'aside.provider'
}

/** What becomes of its times, and what can be done about it where no button of the card does it. */
export function cardAdvice({ code, params }: Card, t: Translate): string {
  if (code !== 'event_set_aside') return ''
  const n = Number(params['count'] ?? 1)
  const times = params['times']
  const offered = times === 'kept' || times === 'unknown' ? [t(`aside.${times}`, { n })] : []
  return [...offered, t(adviceKey(params, n), { n })].join(' ')
}

/** What the provider, the relay or the system said itself. It says it in English, or in a language of its own. */
export const quoted = (said: string, t: Translate): string => t('said', { said })

/** What was said itself, where anything was. */
export const cardDetail = (card: Card, t: Translate): string => {
  const said = card.params['reason'] ?? ''
  return said && quoted(said, t)
}
