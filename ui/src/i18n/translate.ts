// Turns a key and its values into a sentence of the chosen language. Keys and values are checked by the compiler.

import { english } from './english'
import { french } from './french'

export type Plural = { readonly one: string; readonly other: string }
type Source = typeof english
export type Key = keyof Source

/** A dictionary has every key, and a plural wherever English has one. */
export type Dictionary = { readonly [K in Key]: Source[K] extends string ? string : Plural }

type Names<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never
type Text<M> = M extends string ? M : M extends Plural ? M['other'] : never
type Values<K extends Key> = { [Name in Names<Text<Source[K]>>]: string | number } & (Source[K] extends string
  ? unknown
  : { n: number })
type Rest<K extends Key> = Source[K] extends string
  ? [Names<Source[K]>] extends [never]
    ? []
    : [values: Values<K>]
  : [values: Values<K>]

/** Keys of sentences that mention no values. */
export type PlainKey = { [K in Key]: Rest<K> extends [] ? K : never }[Key]

export type Translate = <K extends Key>(key: K, ...values: Rest<K>) => string

export type Tongue = 'en' | 'fr'
export const dictionaries: Record<Tongue, Dictionary> = { en: english, fr: french }

export function translator(tongue: Tongue, locale: string): Translate {
  const plurals = new Intl.PluralRules(tongue)
  const numbers = new Intl.NumberFormat(locale)
  const write = (value: string | number) => (typeof value === 'number' ? numbers.format(value) : value)
  return (key, ...[values]) => {
    const message: string | Plural = dictionaries[tongue][key]
    const filled: Record<string, string | number> = values ?? {}
    return fill(typeof message === 'string' ? message : pick(message, plurals, filled['n']), filled, write)
  }
}

function pick(message: Plural, plurals: Intl.PluralRules, n: string | number | undefined): string {
  return plurals.select(Number(n)) === 'one' ? message.one : message.other
}

/** What others said may end like a sentence, and so may the sentence that quotes it: one full stop is enough. */
function fill(text: string, values: Record<string, string | number>, write: (v: string | number) => string) {
  return text.replace(/\{(\w+)\}(\.?)/g, (whole, name: string, stop: string) => {
    const value = values[name]
    if (value === undefined) return whole
    const written = write(value)
    return /[.!?…]\s*$/.test(written) ? isolated(written.trimEnd()) : isolated(written) + stop
  })
}

/** What is written from right to left, or says that it is, turns nothing of the sentence around it (UAX 9, isolates). */
const isolated = (text: string) =>
  /[\p{Bidi_Control}\u0590-\u08ff\ufb1d-\ufefc]/u.test(text) ? `\u2068${text}\u2069` : text
