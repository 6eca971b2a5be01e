// A relay that refuses this laptop: the card leads to where a new code is typed. And visitors whose words are sealed.

import { expect, expectAccessible, test } from './window'

const WORDS = {
  english: {
    enter: 'Enter a new code',
    again: 'Join the relay again',
    code: 'One-time code',
    bad: 'The relay does not know this code. It may have been used or have expired: ask for a new one.',
  },
  french: {
    enter: 'Saisir un nouveau code',
    again: 'Rejoindre de nouveau le relais',
    code: 'Code à usage unique',
    bad: 'Le relais ne connaît pas ce code. Il a pu servir ou expirer : demandez-en un nouveau.',
  },
}

for (const [language, { enter, again, code, bad }] of Object.entries(WORDS)) {
  for (const theme of ['light', 'dark']) {
    test(`a card leads to where a new code is typed, and it goes with the code, ${language} ${theme}`, async ({
      open,
    }) => {
      const { page } = await open(`revoked ${language} ${theme}`)
      const card = page.getByRole('alert')
      await card.getByRole('button', { name: enter }).click()
      await expect(page.getByRole('heading', { name: again })).toBeVisible()
      const field = page.getByLabel(code)
      await expect(field).toBeFocused()
      await expect(page.getByRole('textbox').first()).toHaveValue('https://book.northcare.ca/')
      await expectAccessible(page)
      await field.fill('BAD-CODE')
      await page.keyboard.press('Enter')
      await expect(page.getByText(bad)).toBeVisible()
      await field.fill('GOOD-CODE')
      await page.keyboard.press('Enter')
      await expect(page.getByRole('heading', { name: again })).toHaveCount(0)
      await expect(card).toHaveCount(0)
    })

    test(`what a visitor sealed to other keys is said in words, ${language} ${theme}`, async ({ open }) => {
      const { page } = await open(`sealed ${language} ${theme}`, 'bookings')
      const row = page.locator('article').first()
      await expect(row.locator('h3')).toContainText(language === 'english' ? 'A visitor' : 'Un visiteur')
      await expect(row.locator('.unopened')).toContainText(
        language === 'english' ? 'keys do not open' : 'n’ouvrent pas',
      )
      await expect(row.locator('.facts li')).toHaveCount(0)
      await expectAccessible(page)
    })
  }
}

test('the card reaches the field also from the bookings themselves', async ({ open }) => {
  const { page } = await open('revoked light', 'bookings')
  await expect(page.getByLabel('One-time code')).not.toBeFocused()
  await page.getByRole('button', { name: 'Enter a new code' }).click()
  await expect(page.getByLabel('One-time code')).toBeFocused()
})

test('a window that has no trouble with its relay asks for no code', async ({ open }) => {
  const { page } = await open('calm light', 'bookings')
  await expect(page.getByLabel('Link of your page')).toBeVisible()
  await expect(page.getByLabel('One-time code')).toHaveCount(0)
})
