import { describe, expect, it } from 'vitest'
import { english } from '../src/i18n/english'
import { french } from '../src/i18n/french'
import { dictionaries, translator, type Plural } from '../src/i18n/translate'
import { troubleText } from '../src/i18n/trouble'

type Message = string | Plural
const names = (message: Message): string[] => {
  const forms = typeof message === 'string' ? [message] : [message.one, message.other]
  return [
    ...new Set(forms.flatMap((form) => [...form.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ''))),
  ].sort()
}

describe('dictionaries', () => {
  it('every language has every key, none empty', () => {
    for (const dictionary of Object.values(dictionaries)) {
      expect(Object.keys(dictionary).sort()).toEqual(Object.keys(english).sort())
      for (const message of Object.values<Message>(dictionary))
        expect(JSON.stringify(message)).not.toMatch(/""/)
    }
  })

  it('a translation mentions the same values as the English', () => {
    for (const [key, message] of Object.entries<Message>(french)) {
      expect([key, names(message)]).toEqual([key, names(english[key as keyof typeof english])])
    }
  })

  it('French puts no breakable space before its high punctuation', () => {
    expect(JSON.stringify(french)).not.toMatch(/ [?!;»]|« /)
  })
})

describe('translate', () => {
  const t = translator('en', 'en-GB')
  const fr = translator('fr', 'fr-CA')

  it('ends with one full stop, whatever is quoted last', () => {
    for (const reason of ['No entry in it', 'No entry in it.', 'No entry in it. '])
      expect(t('problem.not_a_calendar', { reason })).toBe('This is no calendar: No entry in it.')
    expect(t('problem.not_a_calendar', { reason: 'Really?' })).toBe('This is no calendar: Really?')
  })

  it('fills values and writes numbers as the locale does', () => {
    expect(t('event.until', { time: '10:00' })).toBe('until 10:00')
    expect(t('sync.events', { n: 5000 })).toBe('5,000 events')
  })

  it('chooses the plural by the language: zero is singular in French only', () => {
    expect(t('rail.count', { n: 0 })).toBe('0 visits')
    expect(t('rail.count', { n: 1 })).toBe('1 visit')
    expect(fr('rail.count', { n: 0 })).toBe('0 visite')
    expect(fr('rail.count', { n: 2 })).toBe('2 visites')
  })

  it('a value that looks like a placeholder is left as it is', () => {
    expect(t('event.until', { time: '{time}' })).toBe('until {time}')
  })
})

describe('troubles', () => {
  const t = translator('en', 'en-GB')

  it('are said in words of the language, not the engine', () => {
    expect(troubleText({ code: 'read_only', message: 'calendar 3 is read only', params: {} }, t)).toMatch(
      /only be read/,
    )
  })

  it('of a newer engine fall back to its own English', () => {
    const unknown = { code: 'from_the_future' as 'internal', message: 'said by the engine', params: {} }
    expect(troubleText(unknown, t)).toBe('said by the engine')
  })

  it('a value that turns the direction turns nothing of the sentence', () => {
    const t = translator('en', 'en')
    const said = (title: string) => t('card.conflict', { title })
    expect(said('\u202etest')).toContain('“\u2068\u202etest\u2069” is not')
    expect(said('שלום')).toContain('“\u2068שלום\u2069” is not')
    expect(said('Visite à Orléans')).not.toMatch(/[\u2068\u2069]/)
  })
})
