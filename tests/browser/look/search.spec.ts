// Finding an event by what it says, and going there.

import { eventOf, expect, expectAccessible, test } from './window'

test('a search goes to the day of what it found, and opens it', async ({ open }) => {
  const { page } = await open('calm')
  await page.keyboard.press('/')
  const search = page.getByRole('dialog', { name: 'Search events' })
  await expect(search).toContainText('The beginnings of words are enough.')
  await expectAccessible(page)
  await page.keyboard.type('brandt')
  await expect(search.getByRole('option')).toHaveCount(1)
  await expect(search.getByRole('option')).toContainText('Tue, Mar 17, 09:30')
  await expectAccessible(page)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Home assessment, T. Brandt' })).toBeVisible()
  await expect(page.locator('h1')).toHaveText(/March 16\s?–\s?20, 2026/)
})

test('a search takes accents, people and the order of words as they come', async ({ open }) => {
  const { page } = await open('calm')
  await page.keyboard.press('/')
  const search = page.getByRole('dialog', { name: 'Search events' })
  const field = search.getByRole('combobox')
  for (const [text, title] of [
    ['LEA hand', 'Hand-over with Léa'],
    ['jonas', 'Supplier call'],
    ['bathurst', 'P. Singh: home assessment'],
    ['team', 'Team stand-up'],
  ] as const) {
    await field.fill(text)
    await expect(search.getByRole('option')).toHaveText(new RegExp(title))
  }
  await field.fill('nobody by that name')
  await expect(search.getByRole('status')).toContainText('No event of the calendars that you see says that.')
  await expect(search.getByRole('option')).toHaveCount(0)
})

test('what is to come is listed before what has been, and the arrows choose', async ({ open }) => {
  const { page } = await open('calm')
  await page.keyboard.press('/')
  await page.keyboard.type('home')
  const options = page.getByRole('option')
  await expect(options).toHaveText([/P\. Singh/, /T\. Brandt/, /A\. Roy/])
  await page.keyboard.press('ArrowUp')
  await expect(options.nth(2)).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Home assessment, A. Roy' })).toBeVisible()
})

test('an event of the weekend is gone to, and its week shows the day that it stands on', async ({ open }) => {
  const { page } = await open('calm')
  await page.keyboard.press('/')
  await page.keyboard.type('swim')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Swim meet' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(eventOf(page, 'Swim meet')).toBeVisible()
  await expect(page.locator('.ec-col-head')).toHaveCount(6)
})

test('a search that fails says so', async ({ open, page }) => {
  await open('calm')
  await page.route('**/rpc', (route) => route.abort())
  await page.keyboard.press('/')
  await page.keyboard.type('swim')
  await expect(page.getByRole('dialog').getByRole('status')).toContainText('does not answer')
})
