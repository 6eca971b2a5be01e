// A dragged occurrence that takes its series along, through the window to Google.

import type { Page } from '@playwright/test'
import { arrives, drag, expect, syncUntil, test, WORK, type Sandbox } from './world'

const TITLE = 'Huddle'
/** The earlier half ends with the last second of Tuesday in Toronto. */
const BEFORE = '2026-03-02T07:15 RRULE:FREQ=DAILY;UNTIL=20260304T045959Z'
const huddles = (page: Page) => page.locator('.ec-event', { hasText: TITLE })

/** What Google has of it: first start, and how often it repeats from there. */
async function series(sandbox: Sandbox) {
  const events = await sandbox.google(WORK, TITLE)
  return events
    .map(({ start, recurrence }) => `${start?.dateTime?.slice(0, 16)} ${recurrence?.join() ?? 'once'}`)
    .sort()
}

/** Drags one of them down by an hour. */
async function later(page: Page, nth: number) {
  const box = await huddles(page).nth(nth).boundingBox()
  const day = await page.locator('.ec-body .ec-day').first().boundingBox()
  if (!box || !day) throw new Error('the occurrence is not on screen')
  const from = { x: box.x + box.width / 2, y: box.y + 6 }
  await drag(page, from, { x: from.x, y: from.y + day.height / 24 })
}

const times = (page: Page) =>
  huddles(page).evaluateAll((all) => all.map((one) => /\d\d:\d\d/.exec(one.textContent ?? '')?.[0]))

test('this one and all that follow become a series of their own', async ({ window, sandbox }) => {
  const timeZone = 'America/Toronto'
  await sandbox.insertAtGoogle(WORK, {
    summary: TITLE,
    start: { dateTime: '2026-03-02T07:15:00', timeZone },
    end: { dateTime: '2026-03-02T07:45:00', timeZone },
    recurrence: ['RRULE:FREQ=DAILY;COUNT=5'],
  })
  await syncUntil(window, () => expect(huddles(window)).toHaveCount(5))
  await later(window, 2)
  await window.getByRole('button', { name: 'This one and all that follow' }).click()
  await expect.poll(() => times(window)).toEqual(['07:15', '07:15', '08:15', '08:15', '08:15'])
  await arrives(() => series(sandbox), [BEFORE, '2026-03-04T08:15 RRULE:FREQ=DAILY;COUNT=3'])
})

test('the whole series moves as the one series that it is', async ({ window, sandbox }) => {
  await expect(huddles(window)).toHaveCount(5)
  await later(window, 3)
  await window.getByRole('button', { name: 'The whole series' }).click()
  await expect.poll(() => times(window)).toEqual(['07:15', '07:15', '09:15', '09:15', '09:15'])
  await arrives(() => series(sandbox), [BEFORE, '2026-03-04T09:15 RRULE:FREQ=DAILY;COUNT=3'])
})

test('only this one becomes an exception of it', async ({ window, sandbox }) => {
  await expect(huddles(window)).toHaveCount(5)
  await later(window, 0)
  await window.getByRole('button', { name: 'Only this one' }).click()
  await expect.poll(() => times(window)).toEqual(['08:15', '07:15', '09:15', '09:15', '09:15'])
  await arrives(
    () => series(sandbox),
    [BEFORE, '2026-03-02T08:15 once', '2026-03-04T09:15 RRULE:FREQ=DAILY;COUNT=3'],
  )
})
