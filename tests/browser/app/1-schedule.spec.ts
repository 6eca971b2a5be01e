// The week, and edits on it that reach the provider.

import { arrives, drag, eventOf, expect, expectAccessible, spot, syncUntil, test, WORK } from './world'

test('the merged week of three accounts is on screen', async ({ window }) => {
  for (const title of ['Supplier call', 'Wheelchair review', 'Lunch with Mum', 'Case review']) {
    await expect(eventOf(window, title)).toBeVisible()
  }
  await expect(eventOf(window, 'Supplier call')).toHaveClass(/look-tentative/)
  await expect(window.getByRole('checkbox', { name: /Partner clinic/ })).toBeChecked()
  await expectAccessible(window)
})

test('a visit made by dragging arrives at Google', async ({ window, sandbox }) => {
  await expect(eventOf(window, 'Route review')).toBeVisible()
  await drag(window, await spot(window, 3, 16.05), await spot(window, 3, 16.9))
  const editor = window.getByRole('dialog', { name: 'New visit' })
  await editor.getByLabel('Title').fill('Ramp check')
  await editor.getByRole('button', { name: 'Create' }).click()
  await expect(eventOf(window, 'Ramp check')).toContainText('16:00')
  await arrives(async () => (await sandbox.google(WORK, 'Ramp check')).length, 1)
  await expect(eventOf(window, 'Ramp check')).not.toContainText('Waiting to be sent')
  const [made] = await sandbox.google(WORK, 'Ramp check')
  expect(made?.start?.dateTime).toMatch(/T16:00:00/)
  expect(made?.end?.dateTime).toMatch(/T17:00:00/)
})

test('moving and stretching it changes the one event there', async ({ window, sandbox }) => {
  await expect(eventOf(window, 'Ramp check')).toBeVisible()
  await drag(window, await spot(window, 3, 16.25), await spot(window, 2, 16.75))
  await expect(eventOf(window, 'Ramp check')).toContainText('16:30')
  await expect(eventOf(window, 'Ramp check')).not.toContainText('Waiting to be sent')
  const end = await spot(window, 2, 17.5)
  await drag(window, { x: end.x, y: end.y - 5 }, await spot(window, 2, 18.4))
  await expect
    .poll(async () =>
      (await sandbox.google(WORK, 'Ramp check'))
        .map(({ start, end }) => `${start?.dateTime} ${end?.dateTime}`)
        .join(),
    )
    .toMatch(/^\S+T16:30:00\S* \S+T18:30:00\S*$/)
})

test('deleting it removes it there, and undo brings it back', async ({ window, sandbox }) => {
  await eventOf(window, 'Ramp check').click()
  await window.getByRole('button', { name: 'Delete' }).click()
  await expect(eventOf(window, 'Ramp check')).toHaveCount(0)
  await arrives(async () => (await sandbox.google(WORK, 'Ramp check')).length, 0)
  await window.keyboard.press('Control+z')
  await expect(eventOf(window, 'Ramp check')).toBeVisible()
  await arrives(async () => (await sandbox.google(WORK, 'Ramp check')).length, 1)
})

test('what moves in Google moves on screen', async ({ window, sandbox }) => {
  const [event] = await sandbox.google(WORK, 'Route review')
  const shifted = (at?: string) =>
    at?.replace(/T(\d\d)/, (_, hour: string) => `T${String(Number(hour) + 1).padStart(2, '0')}`)
  await expect(eventOf(window, 'Route review')).toContainText('10:00')
  await sandbox.editAtGoogle(WORK, event?.id ?? '', {
    start: { ...event?.start, dateTime: shifted(event?.start?.dateTime) },
    end: { ...event?.end, dateTime: shifted(event?.end?.dateTime) },
  })
  await syncUntil(window, () => expect(eventOf(window, 'Route review')).toContainText('11:00'))
})

test('day, month and agenda show the same events', async ({ window }) => {
  await expect(eventOf(window, 'Case review')).toBeVisible()
  await window.keyboard.press('m')
  await expect(eventOf(window, 'Stock count week')).toBeVisible()
  await expectAccessible(window)
  await window.keyboard.press('w')
  await window.keyboard.press('ArrowLeft')
  await expect(eventOf(window, 'Team stand-up')).toBeVisible()
  await window.keyboard.press('a')
  await expect(window.getByRole('main').getByRole('button', { name: 'Team stand-up' }).first()).toBeVisible()
})

test('a search finds events of every account, by place too, and goes to their day', async ({ window }) => {
  await expect(eventOf(window, 'Case review')).toBeVisible()
  await window.keyboard.press('ArrowRight')
  for (const [typed, title] of [
    ['chen', 'Wheelchair review, M. Chen'],
    ['partner room', 'Case review'],
  ] as const) {
    await window.keyboard.press('/')
    await window.keyboard.type(typed)
    await window.keyboard.press('Enter')
    await expect(window.getByRole('dialog', { name: title })).toBeVisible()
    await window.keyboard.press('Escape')
    await expect(eventOf(window, title)).toBeVisible()
  }
})

test('each write stands in the journal and can be taken back there', async ({ window, sandbox }) => {
  await window.keyboard.press('3')
  const made = window.getByRole('listitem').filter({ hasText: 'You added Ramp check' })
  await expect(made).toBeVisible()
  await expectAccessible(window)
  await window.keyboard.press('1')
  await eventOf(window, 'Ramp check').click()
  await window.keyboard.press('Delete')
  await arrives(async () => (await sandbox.google(WORK, 'Ramp check')).length, 0)
  await window.keyboard.press('3')
  const deleted = window.getByRole('listitem').filter({ hasText: 'You deleted Ramp check' })
  await deleted.getByRole('button', { name: 'Undo the change to Ramp check' }).first().click()
  await arrives(async () => (await sandbox.google(WORK, 'Ramp check')).length, 1)
})
