// The public page under test: DAYMARK_PUBLIC_URL is one person's page, such as http://127.0.0.1:8400/maya,
// with free times on several days and a type that is visited, called or met.

import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

export const address = process.env['DAYMARK_PUBLIC_URL'] ?? ''

/** Opens the page, with the zone named so that no script needs to. */
export async function open(page: Page, query = 'tz=America/Toronto&lang=en'): Promise<void> {
  await page.goto(`${address}?${query}`)
}

/** Free times of the day that is shown. */
export const times = (page: Page) => page.locator('.times a')

/** Shows a free day, counted from the last one that can be booked: what a month still has depends on today. */
export async function showDay(page: Page, daysFromEnd = 1): Promise<void> {
  const days: string[] = []
  for (;;) {
    const links = await page.locator('.grid a').all()
    for (const link of links) days.push((await link.getAttribute('href')) ?? '')
    const next = page.getByRole('link', { name: 'Next month' })
    if ((await next.count()) === 0) break
    await page.goto(new URL((await next.getAttribute('href')) ?? '', page.url()).href)
  }
  const day = days.at(-daysFromEnd)
  expect(day, `${days.length} days can be booked`).toBeDefined()
  await page.goto(new URL(day ?? '', page.url()).href)
  await expect(times(page).first()).toBeVisible()
}

/** Chooses a free day, counted from the last one, and its nth time (or the last it has). */
export async function choose(page: Page, nth = 0, daysFromEnd = 1): Promise<string> {
  await showDay(page, daysFromEnd)
  const time = times(page).nth(Math.min(nth, (await times(page).count()) - 1))
  const text = (await time.textContent())?.trim() ?? ''
  await time.click()
  return text
}

export async function fill(page: Page, name = 'Ana Roy'): Promise<void> {
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('E-mail').fill('ana.roy@example.org')
  await page.getByLabel('Phone').fill('+1 416 555 0199')
  const place = page.getByLabel('Address of the visit')
  if (await place.isVisible()) await place.fill('5 King St W, Toronto')
  await page.getByLabel('Anything to know beforehand?').fill('Ring twice.\nThird floor.')
}

export const send = (page: Page) => page.getByRole('button', { name: /^(Book|Ask for)/ }).click()

/** Cancels the booking whose page is shown. */
export async function cancel(page: Page): Promise<void> {
  await page.getByRole('link', { name: /^(Cancel booking|Withdraw request)$/ }).click()
  await page.getByRole('button', { name: /^Yes/ }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This booking is cancelled')
}

/** Books a time and ends on the booking's own page. */
export async function book(page: Page, nth = 0, daysFromEnd = 1): Promise<void> {
  await open(page)
  await choose(page, nth, daysFromEnd)
  await fill(page)
  await send(page)
  await expect(page).toHaveURL(/\/m\/[0-9a-f]{64}/)
}

/** Nothing that keeps people out, by WCAG 2.2 AA. */
export async function expectNoBarriers(page: Page): Promise<void> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const found = await new AxeBuilder({ page }).withTags(tags).analyze()
  expect(
    found.violations.map((barrier) => `${barrier.id}: ${barrier.nodes.map((node) => node.html).join(' | ')}`),
  ).toEqual([])
}
