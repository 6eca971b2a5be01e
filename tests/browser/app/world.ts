// The window over the real engine, and hands on the fake providers behind it.
//
// The world is the seeded demo: DAYMARK_APP_URL, DAYMARK_APP_SESSION (opened once for all), DAYMARK_CONTROL_URL (the
// sandbox's control plane) and DAYMARK_PUBLIC_URL. Three accounts are connected and the public page is on. The specs share it and leave it so.

import AxeBuilder from '@axe-core/playwright'
import { expect, test as base, type APIRequestContext, type Page } from '@playwright/test'
import { Contract } from '../fake/conform'
import { need } from './need'

export const WORK = 'maya@northcare.example'
export const PERSONAL = 'maya.okafor@gmail.example'
export const PARTNER = 'm.okafor@partner.example'

type GoogleEvent = {
  id: string
  summary?: string
  status?: string
  start?: { dateTime?: string }
  end?: { dateTime?: string }
  recurrence?: string[]
}

export class Sandbox {
  readonly #request: APIRequestContext
  readonly #control = need('DAYMARK_CONTROL_URL')

  constructor(request: APIRequestContext) {
    this.#request = request
  }

  async #post(path: string, data: unknown): Promise<unknown> {
    const answer = await this.#request.post(`${this.#control}${path}`, {
      data,
    })
    expect(answer.ok(), await answer.text()).toBe(true)
    return answer.json()
  }

  /** What stands in a person's own Google calendar now. */
  async google(user: string, summary: string): Promise<GoogleEvent[]> {
    const answer = await this.#request.get(`${this.#control}/google/${user}/calendars/${user}/events`)
    const { events } = (await answer.json()) as { events: GoogleEvent[] }
    return events.filter((event) => event.summary === summary && event.status !== 'cancelled')
  }

  async insertAtGoogle(user: string, event: Record<string, unknown>): Promise<GoogleEvent> {
    return (await this.#post(`/google/${user}/calendars/${user}/events`, event)) as GoogleEvent
  }

  async editAtGoogle(user: string, id: string, patch: Record<string, unknown>) {
    await this.#request.patch(`${this.#control}/google/${user}/calendars/${user}/events/${id}`, {
      data: patch,
    })
  }

  revoke(provider: 'google' | 'microsoft', email: string) {
    return this.#post('/revoke', { provider, email })
  }

  seed(seed: unknown) {
    return this.#post('/seed', seed)
  }

  setPassword(user: string, password: string) {
    return this.#post('/caldav/password', { user, password })
  }

  /** Walks the consent page as the person would, comes back to the engine, and gives the page it shows. */
  async consent(url: string, account: string, deny = false) {
    const { location } = (await this.#post('/consent', {
      url,
      account,
      deny,
    })) as { location: string }
    const page = await this.#request.get(location)
    return page.text()
  }
}

interface Fixtures {
  window: Page
  sandbox: Sandbox
}

export const test = base.extend<Fixtures>({
  sandbox: async ({ request }, use) => use(new Sandbox(request)),
  window: async ({ page }, use) => {
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' && message.text().includes('Content Security Policy'))
        complaints.push(message.text())
    })
    const answers = overheard(page)
    const session = need('DAYMARK_APP_SESSION')
    await page.addInitScript((kept) => sessionStorage.setItem('daymark-session', kept), session)
    await page.goto(new URL(need('DAYMARK_APP_URL')).origin)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await use(page)
    expect(complaints, 'what the browser complained of').toEqual([])
    expect((await Promise.all(answers)).flat(), 'what the engine said beside its contract').toEqual([])
  },
})

export const contract = new Contract()

/** Holds what the engine answers the window against the contract that the fake engine keeps, too. */
function overheard(page: Page): Promise<string[]>[] {
  const answers: Promise<string[]>[] = []
  page.on('response', (response) => {
    if (response.request().method() !== 'POST' || !response.url().endsWith('/rpc')) return
    const { name, payload } = response.request().postDataJSON() as { name: string; payload: unknown }
    const asked = contract.faults(name, 'payload', payload)
    const held = response.json().then(
      (body: unknown) =>
        response.ok() ? contract.faults(name, 'answer', body) : contract.problemFaults(body),
      // Its window went away before it was read.
      () => [],
    )
    answers.push(held.then((faults) => [...asked, ...faults]))
  })
  return answers
}

export const eventOf = (page: Page, title: string) => page.locator('.ec-event', { hasText: title }).first()

/** The middle of a day's column (Monday is 0) at a time of day. */
export async function spot(page: Page, column: number, hour: number) {
  const day = await page.locator('.ec-body .ec-day').nth(column).boundingBox()
  if (!day) throw new Error('the day is not on screen')
  return { x: day.x + day.width / 2, y: day.y + (hour / 24) * day.height }
}

export async function drag(page: Page, from: { x: number; y: number }, to: { x: number; y: number }) {
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(from.x, from.y + 8, { steps: 2 })
  await page.mouse.move(to.x, to.y, { steps: 8 })
  await page.mouse.up()
}

/** A write reaches the provider behind those before it, each at the provider's pace. */
export const arrives = (read: () => Promise<unknown>, wanted: unknown) =>
  expect.poll(read, { timeout: 20_000 }).toEqual(wanted)

/** Syncs by key until something holds; the engine's own rhythm is minutes. */
export async function syncUntil(page: Page, holds: () => Promise<unknown>) {
  await page.keyboard.press('r')
  await holds()
}

export async function expectAccessible(page: Page) {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze()
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(' | ')}`),
  ).toEqual([])
}

export { expect, need }
