import { describe, expect, it } from 'vitest'
import { Dates } from '../src/i18n/dates'
import { readClock } from '../src/state/wall'

const plain = (text: string) => text.replaceAll(/[\u2009\u202f\u00a0]/g, ' ')

describe('a range of days', () => {
  it('names a month in full, and two months short', () => {
    const [english, french] = [new Dates('en-CA', true), new Dates('fr-CA', true)]
    expect(plain(english.days('2026-03-02', '2026-03-06'))).toMatch(/^March 2\s?–\s?6, 2026$/)
    expect(plain(english.days('2026-11-25', '2026-12-08'))).toMatch(/^Nov\.? 25\s?–\s?Dec\.? 8, 2026$/)
    expect(plain(french.days('2026-09-30', '2026-10-13'))).toMatch(/^30 sept\.\s?–\s?13 oct\. 2026$/)
  })
})

describe('a day among others', () => {
  it('says its year only where it is another one', () => {
    const dates = new Dates('en-CA', true)
    expect(dates.dayFrom('2026-05-06', '2026-03-04')).toMatch(/Wed, May 6/)
    expect(dates.dayFrom('2024-05-06', '2026-03-04')).toMatch(/May 6, 2024/)
  })
})

describe('a time as it is shown', () => {
  it('has no nought ahead where hours are written with an h', () => {
    const shown = (locale: string) => plain(new Dates(locale, true).time('2026-01-01T09:30:00'))
    expect(['fr-CA', 'fr-FR', 'en-CA'].map(shown)).toEqual(['9 h 30', '09:30', '09:30'])
  })

  it('can be typed as it is shown, on either clock', () => {
    for (const locale of ['en-CA', 'en-US', 'en-GB', 'fr-CA', 'fr-FR'])
      for (const clock24h of [true, false])
        for (const time of ['00:05', '09:00', '12:30', '14:30']) {
          const shown = new Dates(locale, clock24h).time(`2026-01-01T${time}:00`)
          expect(readClock(shown), `${locale}: ${shown}`).toBe(time)
        }
  })
})
