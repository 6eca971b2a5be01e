// Everything by keyboard alone.

import { eventOf, expect, expectAccessible, test } from './window'

test('views, days and places are a key away', async ({ open }) => {
  const { page } = await open('calm')
  const title = page.locator('h1')
  await expect(title).toHaveText(/March 2\s?–\s?6, 2026/)
  await page.keyboard.press('ArrowRight')
  // Its Saturday has an event.
  await expect(title).toHaveText(/March 9\s?–\s?14, 2026/)
  await page.keyboard.press('t')
  await page.keyboard.press('d')
  await expect(title).toHaveText('Wednesday, March 4')
  await page.keyboard.press('m')
  await expect(title).toHaveText('March 2026')
  await page.keyboard.press('a')
  await expect(title).toHaveText(/March 4\s?–\s?17, 2026/)
  await page.keyboard.press('2')
  await expect(title).toHaveText('Bookings')
  await page.keyboard.press('1')
  await page.keyboard.press('w')
  await expect(title).toHaveText(/March 2\s?–\s?6, 2026/)
})

test('a visit is written, edited and deleted without a pointer', async ({ open }) => {
  const { page } = await open('calm')
  await page.keyboard.press('c')
  await expect(page.getByRole('dialog', { name: 'New visit' })).toBeVisible()
  await page.keyboard.type('Night call')
  await page.keyboard.press('Control+Enter')
  const made = eventOf(page, 'Night call')
  await expect(made).toContainText('11:45')
  await expect(made).not.toHaveClass(/fixed/)
  await made.getByRole('button').focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Night call' })).toBeVisible()
  await page.keyboard.press('e')
  const editor = page.getByRole('dialog', { name: 'Edit event' })
  await editor.getByLabel('Title').fill('Day call')
  await page.keyboard.press('Control+Enter')
  await expect(eventOf(page, 'Day call')).toBeVisible()
  await eventOf(page, 'Day call').getByRole('button').focus()
  await page.keyboard.press('Delete')
  await expect(eventOf(page, 'Day call')).toHaveCount(0)
  await page.keyboard.press('Control+z')
  await expect(eventOf(page, 'Day call')).toBeVisible()
})

test('keys do nothing while something is typed or open', async ({ open }) => {
  const { page } = await open('calm')
  await page.keyboard.press('c')
  await expect(page.getByRole('dialog', { name: 'New visit' })).toBeVisible()
  await page.keyboard.type('team 2 d w')
  await expect(page.getByRole('dialog', { name: 'New visit' }).getByLabel('Title')).toHaveValue('team 2 d w')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(page.locator('h1')).toHaveText(/March 2\s?–\s?6/)
})

test('the palette finds commands and events', async ({ open }) => {
  const { page } = await open('calm')
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('dialog', { name: 'Commands' })).toBeVisible()
  await expectAccessible(page)
  await page.keyboard.type('lakes')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Second fitting, Lakeshore' })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('settings')
  await page.keyboard.press('Enter')
  await expect(page.locator('h1')).toHaveText('Settings')
})

test('every key is listed under the question mark', async ({ open }) => {
  const { page } = await open('calm')
  await page.keyboard.press('?')
  const keys = page.getByRole('dialog', { name: 'Keys' })
  await expect(keys).toContainText('Undo the last edit')
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await expect(keys).toHaveCount(0)
})

test('the focus is always seen and comes back when a dialog closes', async ({ open }) => {
  const { page } = await open('calm')
  for (let n = 0; n < 25; n++) {
    await page.keyboard.press('Tab')
    const seen = await page.evaluate(() => {
      const focused = document.activeElement
      const shown = [focused, focused?.parentElement, focused?.closest('.ec-event')].some(
        (element) => element && getComputedStyle(element).outlineStyle !== 'none',
      )
      // The scrolled days are marked by a bar along their hours.
      const hours = focused?.querySelector('.ec-body .ec-sidebar')
      const bar = hours && getComputedStyle(hours).boxShadow !== 'none'
      return focused === document.body || shown || bar
    })
    expect(seen, `stop ${n + 1}`).toBe(true)
  }
  const repairs = eventOf(page, 'Repairs, depot').getByRole('button')
  await repairs.focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await expect(repairs).toBeFocused()
})

test('a notice of the engine does not take the focus away', async ({ open }) => {
  const { page, act } = await open('calm')
  const repairs = eventOf(page, 'Repairs, depot').getByRole('button')
  await repairs.focus()
  const asked = page.waitForResponse('**/rpc')
  await act({ act: 'notify', tags: ['schedule'] })
  await asked
  await expect(repairs).toBeFocused()
})
