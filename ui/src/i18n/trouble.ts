// What went wrong, in the person's language: failed calls and health cards alike.

import type { Card } from '../host/contract'
import type { Trouble } from '../host/host'
import { english } from './english'
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

export const cardTitle = (card: Card, t: Translate): string => say(t, cardKey(card.code), card.params)

/** What the provider or relay said itself, where it said anything. */
export const cardDetail = (card: Card): string => card.params['reason'] ?? ''
