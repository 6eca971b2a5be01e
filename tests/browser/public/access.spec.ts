// Everybody gets in: no barriers that axe knows of, by keyboard alone, on the narrowest phone, in both themes.

import { expect, test } from '@playwright/test'
import { address, book, cancel, choose, expectNoBarriers, fill, open, send } from './visit'

// The bookings here are days away from those of the other file, and one after the other.
test.describe.configure({ mode: 'default' })

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme })

    test('the page and its form hold no barrier', async ({ page }) => {
      await open(page)
      await page.locator('.zone summary').click()
      await expectNoBarriers(page)
      await choose(page)
      await expectNoBarriers(page)
    })

    test('a form with mistakes holds no barrier', async ({ page }) => {
      await open(page)
      await choose(page)
      await page.locator('form').evaluate((form: HTMLFormElement) => {
        form.noValidate = true
      })
      await send(page)
      await expect(page.getByRole('alert')).toBeVisible()
      await expectNoBarriers(page)
    })

    test('the pages for what goes wrong hold no barrier', async ({ page }) => {
      for (const path of [`${address}/zone`, `${address}/book?type=none`, new URL('/m/none', address).href]) {
        await page.goto(path)
        await expectNoBarriers(page)
      }
    })

    test('a booking and its end hold no barrier', async ({ page }) => {
      await book(page, 0, 5)
      await expectNoBarriers(page)
      await page.getByRole('link', { name: /^(Cancel booking|Withdraw request)$/ }).click()
      await expectNoBarriers(page)
      await page.getByRole('link', { name: 'Keep it' }).click()
      await cancel(page)
      await expectNoBarriers(page)
    })
  })
}

test('the whole way can be gone with the keyboard', async ({ page }) => {
  await open(page)
  // A key pressed while the next page is on its way would be lost on the old one.
  const follow = async () => {
    const left = page.url()
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.href !== left)
  }
  const reach = async (selector: string) => {
    for (let presses = 0; presses < 120; presses += 1) {
      await page.keyboard.press('Tab')
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return
    }
    throw new Error(`${selector} was not reached`)
  }
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the times' })).toBeFocused()
  await reach('.grid a:not([aria-current])')
  await follow()
  await reach('.times a')
  await follow()
  await expect(page).toHaveURL(/\/book\?/)
  await reach('#name')
  await page.keyboard.type('Ana Roy')
  await reach('button')
  await expect(page.getByRole('button', { name: /^(Book|Ask for)/ })).toBeFocused()
})

for (const width of [320, 390]) {
  test(`nothing is cut off at ${width} pixels`, async ({ page }) => {
    await page.setViewportSize({ width, height: 640 })
    const expectFits = async () => {
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      expect(over).toBeLessThanOrEqual(0)
    }
    for (const lang of ['en', 'fr']) {
      await open(page, `tz=America/Argentina/Buenos_Aires&lang=${lang}`)
      await expectFits()
      await page.locator('.zone summary').click()
      await expectFits()
      await page.locator('.times a').first().click()
      await expectFits()
    }
  })
}

test('what can be touched is large enough', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await open(page)
  for (const target of await page.locator('.grid a, .times a, .turn').all()) {
    const box = await target.boundingBox()
    expect(box?.height ?? 0).toBeGreaterThanOrEqual(44)
  }
  await choose(page)
  await fill(page)
  for (const target of await page.locator('input:visible, textarea, button').all()) {
    const box = await target.boundingBox()
    expect(box?.height ?? 0).toBeGreaterThanOrEqual(44)
  }
})

test('nothing is loaded from elsewhere, no cookie is set, and the first load is small', async ({
  page,
  context,
}) => {
  let bytes = 0
  const hosts = new Set<string>()
  page.on('response', async (response) => {
    hosts.add(new URL(response.url()).host)
    bytes += (await response.body().catch(() => Buffer.alloc(0))).length
  })
  await open(page)
  await page.waitForLoadState('networkidle')
  expect([...hosts]).toEqual([new URL(address).host])
  expect(bytes).toBeLessThan(60 * 1024)
  expect(await context.cookies()).toEqual([])
})

test('the browser finds nothing to complain about', async ({ page }) => {
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  await open(page)
  await page.locator('.zone summary').click()
  await choose(page)
  expect(complaints).toEqual([])
})
