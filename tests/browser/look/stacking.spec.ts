// Events of one day stand below one another, in whatever order the answers come in.

import type { Page } from '@playwright/test'
import { eventOf, expect, test } from './window'

/** How many pairs of the events on screen lie on each other. */
const overlaps = (page: Page) =>
  page.evaluate(() => {
    const places = [...document.querySelectorAll('.ec-event')]
      .filter((event) => getComputedStyle(event).visibility !== 'hidden')
      .map((event) => event.getBoundingClientRect())
    const meet = (a: DOMRect, b: DOMRect) =>
      a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
    return places.flatMap((a, i) => places.slice(i + 1).filter((b) => meet(a, b))).length
  })

test('a month whose colours come after its events is stacked anew', async ({ open, page }) => {
  let answer = () => {}
  const held = new Promise<void>((resolve) => (answer = resolve))
  await page.route('**/rpc', async (route) => {
    if (route.request().postData()?.includes('"accounts"')) await held
    await route.continue()
  })
  await open('calm', 'schedule/month')
  await expect(eventOf(page, 'Repairs, depot')).toHaveClass(/cal-8/)
  answer()
  await expect(eventOf(page, 'Repairs, depot')).not.toHaveClass(/cal-8/)
  await expect.poll(() => overlaps(page)).toBe(0)
})

test('an event that is added to a full day of the month stands below the others', async ({ open }) => {
  const { page } = await open('calm', 'schedule/month')
  await page.keyboard.press('c')
  const editor = page.getByRole('dialog', { name: 'New visit' })
  await editor.getByLabel('Title').fill('Ramp check')
  await page.keyboard.press('Control+Enter')
  await expect(eventOf(page, 'Ramp check')).toBeAttached()
  await expect.poll(() => overlaps(page)).toBe(0)
})

test('whole days of a week stand below one another when one is added', async ({ open }) => {
  const { page } = await open('calm')
  for (const title of ['Conference', 'Truck in the garage']) {
    await page.keyboard.press('c')
    const editor = page.getByRole('dialog', { name: 'New visit' })
    await editor.getByLabel('Title').fill(title)
    await editor.getByLabel('All day').check()
    await page.keyboard.press('Control+Enter')
    await expect(page.locator('.ec-all-day .ec-event', { hasText: title }).first()).toBeVisible()
  }
  await expect.poll(() => overlaps(page)).toBe(0)
})
