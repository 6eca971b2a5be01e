import { expect, it } from 'vitest'
import { translator } from '../src/i18n/translate'
import { doneText } from '../src/state/lost'

const english = translator('en', 'en-CA')

it('says what does not come back behind what was done', () => {
  const said = doneText('Taken back', ['answers', 'attachments'], 'lost', english)
  expect(said).toBe(
    'Taken back. Its guests are invited anew, and have to answer again. ' +
      'It comes back without its attachments: Microsoft keeps them with the deleted event.',
  )
})

it('says no more than that where nothing is missing', () => {
  expect(doneText('Moved', [], 'cut', english)).toBe('Moved')
})
