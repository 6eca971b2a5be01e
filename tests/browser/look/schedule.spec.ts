// The schedule under the hand: creating, moving, stretching, deleting, and taking it back.

import type { Page } from '@playwright/test'
import { LONGEST } from '../../../ui/src/host/contract'
import { eventOf, expect, expectAccessible, test } from './window'

/** The middle of a day's column at a time of day. */
async function spot(page: Page, column: number, hour: number) {
  const day = await page.locator('.ec-body .ec-day').nth(column).boundingBox()
  if (!day) throw new Error('the day is not on screen')
  return { x: day.x + day.width / 2, y: day.y + (hour / 24) * day.height }
}

async function drag(page: Page, from: { x: number; y: number }, to: { x: number; y: number }) {
  await expect(page.locator('.ec-event').first()).toBeVisible()
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(from.x, from.y + 8, { steps: 2 })
  await page.mouse.move(to.x, to.y, { steps: 8 })
  await page.mouse.up()
}

test('a drag over free time writes a visit there', async ({ open }) => {
  const { page } = await open('calm')
  await drag(page, await spot(page, 1, 16.05), await spot(page, 1, 17.2))
  const editor = page.getByRole('dialog', { name: 'New visit' })
  await expect(editor.getByLabel('Starts at')).toHaveValue('16:00')
  await expect(editor.getByLabel('Ends at')).toHaveValue('17:15')
  await expectAccessible(page)
  await editor.getByLabel('Title').fill('Ramp check')
  await editor.getByRole('button', { name: 'Create' }).click()
  await expect(eventOf(page, 'Ramp check')).toBeVisible()
  await expect(page.getByText('Added to your calendar')).toBeVisible()
})

test('a dragged event keeps its length and shows that it waits', async ({ open }) => {
  const { page } = await open('calm')
  await drag(page, await spot(page, 3, 9), await spot(page, 1, 12.5))
  const moved = eventOf(page, 'Repairs, depot')
  await expect(moved).toContainText('12:00')
  await expect(moved).toContainText('Waiting to be sent')
  await moved.click()
  await expect(page.getByRole('dialog')).toContainText('Tuesday, March 3, 12:00 – 13:30')
})

test('a stretched event gets a later end', async ({ open }) => {
  const { page } = await open('calm')
  const resizer = eventOf(page, 'Route review').locator('.ec-resizer')
  // The grid is drawn once more when all has come in: where its parts are is asked of what stands still.
  await resizer.hover()
  const edge = await resizer.boundingBox()
  if (!edge) throw new Error('no edge to pull at')
  await drag(page, { x: edge.x + edge.width / 2, y: edge.y + edge.height - 2 }, await spot(page, 4, 12.9))
  await eventOf(page, 'Route review').click()
  await expect(page.getByRole('dialog')).toContainText('10:00 – 13:00')
})

test('undo in the toast and by key take edits back, the last first', async ({ open }) => {
  const { page } = await open('calm')
  const toasts = page.getByRole('status').getByRole('group')
  await eventOf(page, 'Supplier call').click()
  await page.keyboard.press('Delete')
  await page.getByRole('dialog').getByRole('button', { name: 'Go on' }).click()
  await expect(eventOf(page, 'Supplier call')).toHaveCount(0)
  await eventOf(page, 'Dentist').click()
  await page.getByRole('button', { name: 'Delete' }).click()
  await expect(eventOf(page, 'Dentist')).toHaveCount(0)
  await expect(toasts).toHaveCount(1)
  await page.getByRole('status').getByRole('button', { name: 'Undo' }).click()
  await expect(eventOf(page, 'Dentist')).toBeVisible()
  await expect(toasts).toHaveText(['Taken back'])
  await page.keyboard.press('Control+z')
  await expect(eventOf(page, 'Supplier call')).toBeVisible()
  await expect(toasts).toHaveText(['Taken back'])
})

test('the rail counts visits, and calls only them so', async ({ open }) => {
  const { page, act } = await open('calm')
  const rail = page.getByRole('complementary', { name: 'Today' })
  await expect(rail.getByRole('heading', { name: 'Today' })).toContainText('2 visits')
  await expect(rail).toContainText('Next visit, in 33 min')
  await page.getByRole('checkbox', { name: /^Visits/ }).uncheck()
  await act({ act: 'notify', tags: ['schedule'] })
  await expect(rail).toContainText('Next, in 3 h 18')
  await expect(rail.getByRole('heading', { name: 'Today' })).not.toContainText('visit')
})

test('a move that is refused goes back and says why', async ({ open }) => {
  const { page } = await open('calm refusing')
  await drag(page, await spot(page, 3, 9), await spot(page, 1, 12.5))
  await expect(page.getByText('This calendar can only be read.')).toBeVisible()
  await expect(eventOf(page, 'Repairs, depot')).toContainText('08:30')
})

for (const [way, world] of [
  ['written', 'a new visit'],
  ['changed', 'a known one'],
] as const)
  test(`what is refused as it is ${way} stands in the editor again, with the reason: ${world}`, async ({
    open,
  }) => {
    const { page, act } = await open('calm refusing')
    if (way === 'written') await page.keyboard.press('c')
    else {
      await eventOf(page, 'Lunch with Ana').click()
      await page.getByRole('button', { name: 'Edit' }).click()
    }
    const editor = page.getByRole('dialog', { name: way === 'written' ? 'New visit' : 'Edit event' })
    await editor.getByLabel('Title').fill('Ramp check')
    await editor.getByLabel('Place').fill('12 Oak Ave')
    await editor.getByLabel('Notes').fill('Door code 4410.')
    await page.keyboard.press('Control+Enter')
    await expect(editor.getByRole('alert')).toContainText('This calendar can only be read.')
    await expect(editor.getByLabel('Title')).toHaveValue('Ramp check')
    await expect(editor.getByLabel('Place')).toHaveValue('12 Oak Ave')
    await expect(editor.getByLabel('Notes')).toHaveValue('Door code 4410.')
    await expectAccessible(page)
    await act({ act: 'set', fields: { refuse: null } })
    await page.keyboard.press('Control+Enter')
    await expect(eventOf(page, 'Ramp check')).toContainText('12 Oak Ave')
    await expect(editor).toHaveCount(0)
  })

test('what is pasted stays whole, and says by how much it is too long', async ({ open }) => {
  const { page } = await open('calm')
  await page.keyboard.press('c')
  const editor = page.getByRole('dialog', { name: 'New visit' })
  const create = editor.getByRole('button', { name: 'Create' })
  for (const [label, limit] of [
    ['Title', LONGEST.title],
    ['Place', LONGEST.location],
    ['Notes', LONGEST.description],
  ] as const) {
    const field = editor.getByLabel(label, { exact: true })
    await field.fill('é'.repeat(limit + 3))
    await expect(field).toHaveValue('é'.repeat(limit + 3))
    const most = limit.toLocaleString('en')
    await expect(field).toHaveAccessibleDescription(`3 characters too long: at most ${most} fit here.`)
    await expect(create).toBeDisabled()
    await expectAccessible(page)
    await field.fill('🏡'.repeat(limit))
    await expect(field).not.toHaveAttribute('aria-invalid')
    await expect(create).toBeEnabled()
  }
})

test('after saving by key the days have the focus again, and no frame around them', async ({ open }) => {
  const { page } = await open('calm')
  const days = page.locator('.ec-main')
  await expect(page.locator('.ec-event').first()).toBeVisible()
  await page.keyboard.press('t')
  await days.focus()
  await page.keyboard.press('c')
  await page.getByRole('dialog', { name: 'New visit' }).getByLabel('Title').fill('Ramp check')
  await page.keyboard.press('Control+Enter')
  await expect(eventOf(page, 'Ramp check')).toBeVisible()
  await expect(page.locator('.ec-main:focus-visible')).toHaveCSS('outline-style', 'none')
  await expect(page.locator('.ec-body .ec-sidebar')).toHaveCSS('box-shadow', /2px 0px 0px 0px inset/)
  await page.keyboard.press('Tab')
  await expect(page.locator('.ec-event:has(.chip:focus-visible)')).toHaveCSS('outline-style', 'solid')
})

test('what cannot be edited is neither dragged nor offered for editing', async ({ open }) => {
  const { page } = await open('calm')
  await drag(page, await spot(page, 4, 14), await spot(page, 4, 16))
  await expect(eventOf(page, 'Away: school visit')).toContainText('13:30')
  await page.keyboard.press('Escape')
  await eventOf(page, 'Away: school visit').click()
  await expect(page.getByRole('dialog')).toContainText('This calendar can only be read.')
  await expect(page.getByRole('button', { name: 'Edit' })).toHaveCount(0)
})

test('an event looks as it is: tentative, declined, away, not yet sent, refused', async ({ open }) => {
  const { page } = await open('light')
  await expect(eventOf(page, 'Supplier call')).toHaveCSS('border-top-style', 'dashed')
  await expect(page.locator('.look-declined .title')).toHaveCSS('text-decoration-line', 'line-through')
  await expect(eventOf(page, 'Away: school visit')).toHaveCSS('background-image', /repeating-linear-gradient/)
  await expect(eventOf(page, 'Hand-over with Léa')).toContainText('Waiting to be sent')
  await expect(eventOf(page, 'Stair-lift survey')).toContainText('The calendar refused this change')
})

test('the editor changes title, time, place and look, and only an end before the start stops it', async ({
  open,
}) => {
  const { page } = await open('calm')
  await eventOf(page, 'Lunch with Ana').click()
  await page.getByRole('button', { name: 'Edit' }).click()
  const editor = page.getByRole('dialog', { name: 'Edit event' })
  await expectAccessible(page)
  await editor.getByLabel('Title').fill('Lunch with Ana and Bo')
  await editor.getByLabel('Starts at').fill('1230')
  await editor.getByLabel('Starts at').press('Enter')
  await expect(editor.getByLabel('Ends at')).toHaveValue('13:30')
  await editor.getByLabel('Place').fill('Kensington')
  await editor.getByText('Busy', { exact: true }).click()
  await editor.getByRole('button', { name: 'Save' }).click()
  const changed = eventOf(page, 'Lunch with Ana and Bo')
  await expect(changed).toContainText('12:30 · Kensington')
  await expect(changed).not.toHaveClass(/look-free/)
})

test('a visit that runs over midnight ends on the next day', async ({ open }) => {
  const { page } = await open('calm')
  await page.keyboard.press('c')
  const editor = page.getByRole('dialog', { name: 'New visit' })
  await editor.getByLabel('Starts at').fill('22:00')
  await editor.getByLabel('Starts at').press('Tab')
  await editor.getByLabel('Ends at').fill('1:30')
  await editor.getByLabel('Ends at').press('Tab')
  await expect(editor.getByRole('button', { name: 'Last day: Thursday, March 5' })).toBeVisible()
})

test('an all-day visit covers its last day', async ({ open }) => {
  const { page } = await open('calm')
  await page.keyboard.press('c')
  const editor = page.getByRole('dialog', { name: 'New visit' })
  await editor.getByLabel('Title').fill('Fair')
  await editor.getByLabel('All day').check()
  await editor.getByRole('button', { name: /^Last day/ }).click()
  await editor.getByRole('button', { name: 'Friday, March 6' }).click()
  await editor.getByRole('button', { name: 'Create' }).click()
  await eventOf(page, 'Fair').click()
  await expect(page.getByRole('dialog')).toContainText(/March 4\s?–\s?6, 2026/)
})

test('hiding a calendar takes its events off the grid at once', async ({ open }) => {
  const { page } = await open('calm')
  await expect(eventOf(page, 'Dentist')).toBeVisible()
  await page.getByRole('checkbox', { name: /^Maya/ }).uncheck()
  await expect(eventOf(page, 'Dentist')).toHaveCount(0)
  await expect(eventOf(page, 'Repairs, depot')).toBeVisible()
})

test('the line of now stands at the time of the zone being shown', async ({ open }) => {
  const { page } = await open('calm')
  await expect(page.locator('.now-clock')).toHaveText('11:42')
  const line = await page.locator('.now-line').boundingBox()
  const wanted = await spot(page, 2, 11 + 42 / 60)
  expect(Math.abs((line?.y ?? 0) - wanted.y)).toBeLessThan(3)
  await expect(page.locator('.ec-col-head .today')).toHaveText('4')
  // It lies under the events, which have an order of their own from 1 on.
  await expect(page.locator('.now-line')).toHaveCSS('z-index', 'auto')
  // Twelve o'clock is less than a line of text away from it.
  await expect(page.locator('.ec-slot time', { hasText: '11:00' })).toBeVisible()
  await expect(page.locator('.ec-slot time', { hasText: '12:00' })).toHaveCount(0)
})

test('what stands on a weekend is never out of sight, in a week and in a month', async ({ open, page }) => {
  const heads = page.locator('.ec-col-head')
  await open('calm', 'schedule/week/2026-03-11')
  await expect(eventOf(page, 'Swim meet')).toBeVisible()
  await expect(heads).toHaveText(['Mon9', 'Tue10', 'Wed11', 'Thu12', 'Fri13', 'Sat14'])
  await expect(page.locator('h1')).toHaveText(/March 9\s?–\s?14, 2026/)
  await page.keyboard.press('m')
  await expect(eventOf(page, 'Swim meet')).toBeVisible()
  await expect(heads).toHaveText(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'])
  await page.getByRole('checkbox', { name: /^Maya/ }).uncheck()
  await expect(heads).toHaveText(['Mon', 'Tue', 'Wed', 'Thu', 'Fri'])
})

for (const [traits, example, clear] of [
  ['calm light', 'Write a time such as 14:30.', '16:15'],
  ['calm light twelve', /^Write a time such as 2:30\sp\.?m\.?\.$/i, '4:15 pm'],
  ['calm light french', 'Écrivez une heure, par exemple 14:30.', '16 h 15'],
] as const)
  test(`what is no time stays as it was typed, and holds the visit back: ${traits}`, async ({ open }) => {
    const { page } = await open(traits)
    await page.keyboard.press('c')
    const editor = page.getByRole('dialog')
    const start = editor.getByRole('combobox').first()
    const create = editor.locator('button[type=submit]')
    for (const typed of ['25:99', 'noonish', '']) {
      await start.fill(typed)
      await start.blur()
      await expect(start).toHaveValue(typed)
      await expect(start).toHaveAttribute('aria-invalid', 'true')
      await expect(start).toHaveAccessibleDescription(example)
      await expect(create).toBeDisabled()
      await page.keyboard.press('Control+Enter')
      await expect(editor).toBeVisible()
    }
    await expectAccessible(page)
    await start.fill(clear)
    await start.blur()
    await expect(start).not.toHaveAttribute('aria-invalid')
    await expect(start).toHaveAccessibleDescription('')
    await expect(create).toBeEnabled()
  })

test('what is no time is not sent by key before its field is left, nor asked about of a whole day', async ({
  open,
}) => {
  const { page } = await open('calm')
  await page.keyboard.press('c')
  const editor = page.getByRole('dialog', { name: 'New visit' })
  await editor.getByLabel('Ends at').fill('soon')
  await page.keyboard.press('Control+Enter')
  await expect(editor.getByRole('alert')).toHaveText('Write a time such as 14:30.')
  await editor.getByRole('checkbox', { name: 'All day' }).check()
  await expect(editor.getByRole('alert')).toHaveCount(0)
  await expect(editor.getByRole('button', { name: 'Create' })).toBeEnabled()
})

test('hours that are no times are marked where they stand, and leave with their block', async ({ open }) => {
  const { page } = await open('calm light', 'settings')
  const start = page.getByLabel('Monday, from').first()
  await start.fill('early')
  await start.blur()
  await expect(start).toHaveValue('early')
  await expect(start).toHaveAccessibleDescription('Write a time such as 14:30.')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Remove 08:30 to 12:00' }).first().click()
  await expect(page.getByLabel('Monday, from')).toHaveValue('13:00')
  await expect(page.getByText('Write a time such as')).toHaveCount(0)
})
