// Edits of one occurrence ask how far they reach into the series.

import type { Page } from '@playwright/test'
import { expect, expectAccessible, test } from './window'

const standups = (page: Page) => page.locator('.ec-event', { hasText: 'Team stand-up' })

for (const theme of ['light', 'dark']) {
  test(`a delete asks which of the series, ${theme}`, async ({ open }) => {
    const { page } = await open(`calm ${theme}`)
    await expect(standups(page)).toHaveCount(4)
    await standups(page).nth(1).getByRole('button').focus()
    await page.keyboard.press('Delete')
    const dialog = page.getByRole('dialog', {
      name: 'How much of the series is deleted?',
    })
    await expect(dialog).toBeVisible()
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await expect(standups(page)).toHaveCount(4)
    await page.keyboard.press('Delete')
    await dialog.getByRole('button', { name: 'all that follow' }).click()
    await expect(standups(page)).toHaveCount(1)
    await page.keyboard.press('Control+z')
    await expect(standups(page)).toHaveCount(4)
  })
}

async function dragDown(page: Page, pixels: number) {
  const box = await standups(page).first().boundingBox()
  if (!box) throw new Error('the occurrence is not on screen')
  const [x, y] = [box.x + box.width / 2, box.y + 6]
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x, y + 8, { steps: 2 })
  await page.mouse.move(x, y + pixels, { steps: 8 })
  await page.mouse.up()
}

test('a dragged occurrence goes back when nothing is chosen', async ({ open }) => {
  const { page } = await open('calm')
  await expect(standups(page)).toHaveCount(4)
  const before = await standups(page).first().boundingBox()
  await dragDown(page, 150)
  const dialog = page.getByRole('dialog', {
    name: 'How much of the series changes?',
  })
  await expect(dialog).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await expect.poll(async () => (await standups(page).first().boundingBox())?.y).toBe(before?.y)
})

test('a drag of the whole series moves every one of them', async ({ open }) => {
  const { page } = await open('calm')
  await expect(standups(page)).toHaveCount(4)
  const last = await standups(page).last().boundingBox()
  await dragDown(page, 150)
  await page.getByRole('button', { name: 'The whole series' }).click()
  await expect
    .poll(async () => (await standups(page).last().boundingBox())?.y)
    .toBeGreaterThan((last?.y ?? 0) + 100)
})

test('leaving the question keeps what was written in the editor', async ({ open }) => {
  const { page } = await open('calm')
  await standups(page).first().getByRole('button').focus()
  await page.keyboard.press('e')
  const editor = page.getByRole('dialog', { name: 'Edit event' })
  await editor.getByLabel('Title').fill('Huddle')
  await page.keyboard.press('Control+Enter')
  await expect(page.getByText('This event repeats.')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(editor.getByLabel('Title')).toHaveValue('Huddle')
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: 'Only this one' }).click()
  await expect(standups(page)).toHaveCount(3)
  await expect(page.getByRole('dialog')).toHaveCount(0)
})
