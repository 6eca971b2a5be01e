// An event changed in two places: both sides are seen, and the person's word settles it.

import { eventOf, expect, expectAccessible, test } from './window'

for (const theme of ['light', 'dark']) {
  test(`both sides stand in the rail, ${theme}`, async ({ open }) => {
    const { page } = await open(`calm conflict ${theme}`)
    const rail = page.getByRole('complementary', { name: 'Today' })
    const card = rail.getByRole('region', { name: 'Changed in two places' })
    await expect(card).toContainText('Tue, Mar 3, 11:00 – 12:00')
    await expect(card).toContainText('Tue, Mar 3, 11:30 – 12:30')
    await expect(card).toContainText('Changed at Google Wed, Mar 4, 11:30.')
    await expect(rail.getByText('Choose what stays')).toHaveCount(0)
    await expect(eventOf(page, 'Supplier call')).toContainText('Changed in two places')
    await expectAccessible(page)
  })
}

test('taking the other side moves the event and settles it', async ({ open }) => {
  const { page } = await open('calm conflict')
  const card = page.getByRole('region', { name: 'Changed in two places' })
  await card.getByRole('button', { name: 'Take 11:30' }).click()
  await expect(card).toHaveCount(0)
  await expect(eventOf(page, 'Supplier call')).toContainText('11:30')
  await expect(page.getByText('Settled', { exact: true })).toBeVisible()
})

test('a delete against an edit is asked in its own words', async ({ open }) => {
  const { page } = await open('calm conflict')
  const card = page.getByRole('region', {
    name: 'Deleted here, changed elsewhere',
  })
  await expect(card).toContainText('Route review, with Léa')
  await expect(card).toContainText('(empty)')
  await expect(card.getByRole('button', { name: 'Keep both' })).toHaveCount(0)
  await card.getByRole('button', { name: 'Keep it as changed' }).click()
  await expect(card).toHaveCount(0)
})

test('an answer to a side that moved on is refused, and the newer one is shown', async ({ open }) => {
  const { page, act } = await open('calm conflict')
  const card = page.getByRole('region', { name: 'Changed in two places' })
  await expect(card).toContainText('11:30 – 12:30')
  await act({ act: 'move_conflict' })
  await card.getByRole('button', { name: 'Take 11:30' }).click()
  await expect(card.getByRole('alert')).toContainText('has changed again')
  await card.getByRole('button', { name: 'Take 14:00' }).click()
  await expect(eventOf(page, 'Supplier call')).toContainText('14:00')
})

test('the event itself leads to its conflict', async ({ open }) => {
  const { page } = await open('calm conflict')
  await eventOf(page, 'Supplier call').getByRole('button').click()
  await page.getByRole('button', { name: 'Choose what stays', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Changed in two places' })
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Keep 11:00' }).click()
  await expect(dialog).toHaveCount(0)
})
