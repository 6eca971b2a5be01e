// Every view, in both themes and both languages, at the sizes it is used at: nothing hinders a reader, nothing overflows.

import { expect, expectAccessible, test } from './window'

const VIEWS = [
  'schedule/week',
  'schedule/day',
  'schedule/month',
  'schedule/agenda',
  'bookings',
  'activity',
  'settings',
]
const STATES = ['empty', 'fetching', 'broken', 'troubled', 'loading']
const SIZES = {
  laptop: { width: 1280, height: 720 },
  large: { width: 1920, height: 1080 },
  narrow: { width: 390, height: 844 },
}

for (const theme of ['light', 'dark']) {
  for (const view of VIEWS) {
    test(`${view} can be read by everyone, ${theme}`, async ({ open }) => {
      const { page } = await open(theme, view)
      await expect(page.locator('h1')).toBeVisible()
      await expectAccessible(page)
    })
  }
  for (const state of STATES) {
    test(`a window that is ${state} can be read by everyone, ${theme}`, async ({ open }) => {
      const { page } = await open(`${theme} ${state}`)
      await expect(page.locator('h1')).toBeVisible()
      await expectAccessible(page)
    })
  }
  test(`the first steps can be read by everyone, ${theme}`, async ({ open }) => {
    const { page } = await open(`first ${theme}`)
    for (const step of [
      'Bring your calendars together',
      'When and where do you work?',
      'Let people book you',
    ]) {
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(step)
      await expectAccessible(page)
      if (step.startsWith('Bring')) await page.getByRole('button', { name: 'Skip for now' }).click()
      else if (step.startsWith('When')) await page.getByRole('button', { name: 'Next' }).click()
    }
  })
}

for (const [name, size] of Object.entries(SIZES)) {
  for (const view of VIEWS) {
    test(`${view} fits a ${name} window in French`, async ({ open, page }) => {
      await page.setViewportSize(size)
      await open('french light', view)
      await expect(page.locator('h1')).toBeVisible()
      const wider = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      expect(wider).toBeLessThanOrEqual(0)
      if (name === 'narrow') await expectAccessible(page)
    })
  }
}

test('a laptop sees the working week without scrolling', async ({ open }) => {
  const { page } = await open('light')
  for (const time of ['07:00', '18:00'])
    await expect(page.locator('.ec-slot', { hasText: time })).toBeInViewport()
  await expect(page.locator('.ec-col-head')).toHaveCount(5)
  await expect(page.getByRole('complementary', { name: 'Today' })).toBeVisible()
})

test('a window below 1100 pixels folds the rail away and keeps it at hand', async ({ open, page }) => {
  await page.setViewportSize({ width: 1040, height: 720 })
  await open('light')
  await expect(page.getByRole('complementary', { name: 'Today' })).toBeHidden()
  await page.getByRole('button', { name: /Show today, 2 things/ }).click()
  await expect(page.getByRole('dialog', { name: 'Today' })).toContainText('P. Singh')
  await expectAccessible(page)
})

for (const view of VIEWS) {
  test(`${view} scrolls within the window, never the window itself`, async ({ open }) => {
    const { page } = await open('light', view)
    await expect(page.locator('h1')).toBeVisible()
    const height = await page.evaluate(() => document.scrollingElement?.scrollHeight)
    expect(height).toBe(720)
  })
}

test('the heads of a week stand on one line, today’s too', async ({ open }) => {
  const { page } = await open('light')
  await expect(page.locator('.ec-col-head .today')).toHaveText('4')
  const names = page.locator('.ec-col-head span')
  const tops = await names.evaluateAll((all) => all.map((name) => name.getBoundingClientRect().top))
  expect(Math.max(...tops) - Math.min(...tops)).toBeLessThan(0.5)
})

for (const theme of ['light', 'dark'] as const) {
  test(`a start that takes long says what it may be waiting for (${theme})`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme })
    await page.clock.install()
    await page.route('**/rpc', (route) =>
      route.request().postData()?.includes('"boot"') ? new Promise(() => undefined) : route.continue(),
    )
    await page.goto(`/#token=slow-${theme}`)
    await expect(page.getByRole('status')).toHaveText('Loading')
    await page.clock.runFor(5_000)
    await expect(page.getByRole('status')).toContainText('the password of its keyring')
    await expectAccessible(page)
  })
}
