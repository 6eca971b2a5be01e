// Opening the window on a world of the fake engine, and what every test of it wants to know.

import AxeBuilder from '@axe-core/playwright'
import { expect, test as base, type Page } from '@playwright/test'
import type { Act } from '../fake/server'

export interface Opened {
  page: Page
  token: string
  /** Acts in the world behind the window: a consent given, a notice sent. */
  act: (what: Act) => Promise<void>
}

interface Fixtures {
  /** Opens a world by the names of its traits ("dark french broken"), at an address of the window. */
  open: (traits: string, address?: string) => Promise<Opened>
}

export const test = base.extend<Fixtures>({
  open: async ({ page, request }, use, info) => {
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      const expected = message.text().includes('status of 422') || message.text().includes('ERR_')
      if (message.type() === 'error' && !expected) complaints.push(message.text())
    })
    await use(async (traits, address = '') => {
      const token = `${traits} ${info.testId} ${info.repeatEachIndex}`.replaceAll(/\W+/g, '-')
      await page.goto(`/#token=${token}`)
      // A reload before the session is kept would fall out of its world.
      await page.waitForFunction(() => sessionStorage.getItem('daymark-session'))
      if (address) {
        await page.goto(`/#/${address}`)
        await page.reload()
      }
      // The window answers to keys and pointers from here on.
      await page.locator('h1').or(page.getByText('could not start')).first().waitFor()
      const headers = { Authorization: `Bearer ${token}` }
      const act = async (what: Act) => void (await request.post('/control', { headers, data: what }))
      return { page, token, act }
    })
    expect(complaints, 'what the browser complained of').toEqual([])
  },
})

/** Nothing that hinders a reader, by the rules of WCAG 2.2 AA. */
export async function expectAccessible(page: Page) {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze()
  const found = violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary ?? ''}`).join(' | ')}`,
  )
  expect(found).toEqual([])
}

export const eventOf = (page: Page, title: string) => page.locator('.ec-event', { hasText: title }).first()
export { expect }
