// Words of any length: nothing is cut that must be read, and nothing bursts what holds it.

import type { Page } from '@playwright/test'
import { eventOf, expect, expectAccessible, test } from './window'

const headCut = (page: Page) => page.locator('h1').evaluate((head) => head.scrollWidth - head.clientWidth)

/** The widest that anything stands out of the window, and of the parts that do not scroll sideways. */
const burst = (page: Page) =>
  page.evaluate(() => {
    const parts = document.querySelectorAll('aside, main, dialog, .rail, .page, .toasts')
    return Math.max(...[...parts].map((part) => part.scrollWidth - part.clientWidth))
  })

for (const language of ['english', 'french']) {
  for (const view of ['day', 'week', 'month', 'agenda']) {
    test(`the days of a ${view} are never cut in ${language}`, async ({ open, page }) => {
      const address = (month: number) => `schedule/${view}/2026-${String(month).padStart(2, '0')}-28`
      await open(`${language} calm`, address(1))
      for (let month = 1; month <= 12; month++) {
        await page.goto(`/#/${address(month)}`)
        await page.reload()
        await page.locator('h1').waitFor()
        for (const width of [1280, 1100, 900]) {
          await page.setViewportSize({ width, height: 720 })
          expect(await headCut(page), `${width} px, month ${month}`).toBeLessThanOrEqual(0)
        }
      }
    })
  }
}

for (const language of ['english', 'french']) {
  test(`the zone stands by the days at every width in ${language}`, async ({ open }) => {
    const { page } = await open(`${language} calm`)
    const zone = page.locator('.bar').getByTitle('America/Toronto')
    for (const width of [1280, 1100, 900, 390]) {
      await page.setViewportSize({ width, height: 720 })
      await expect(zone).toBeVisible()
      expect((await zone.boundingBox())?.width, `${width} px`).toBeGreaterThan(60)
    }
  })
}

for (const theme of ['light', 'dark']) {
  test(`long and foreign words stay where they belong, ${theme}`, async ({ open }) => {
    const { page } = await open(`long conflict ${theme}`)
    await expect(eventOf(page, 'Repairs, depot')).toBeVisible()
    const next = page.getByRole('complementary', { name: 'Today' }).getByRole('button').first()
    const box = await next.boundingBox()
    expect(box?.height, 'what comes next leaves room for the day').toBeLessThan(170)
    expect(await burst(page)).toBeLessThanOrEqual(0)
    await expectAccessible(page)
    await next.click()
    await expect(page.getByRole('dialog')).toBeVisible()
    expect(await burst(page)).toBeLessThanOrEqual(0)
    await page.keyboard.press('Escape')
    for (const [key, name] of [
      ['2', 'Bookings'],
      ['3', 'Activity'],
      ['4', 'Settings'],
    ] as const) {
      await page.keyboard.press(key)
      await expect(page.locator('h1')).toHaveText(name)
      expect(await burst(page), name).toBeLessThanOrEqual(0)
    }
    await page.keyboard.press('1')
    await page.keyboard.press('a')
    await page.keyboard.press('/')
    await page.keyboard.type('home')
    await expect(page.getByRole('option').first()).toBeVisible()
    expect(await burst(page)).toBeLessThanOrEqual(0)
  })
}
