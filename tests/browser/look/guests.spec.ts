// An edit of a meeting with guests asks first, and says what the guests hear of it.

import type { Page } from '@playwright/test'
import { eventOf, expect, expectAccessible, test } from './window'

const call = (page: Page) => eventOf(page, 'Supplier call')
const question = (page: Page) => page.getByRole('dialog', { name: 'This meeting has guests' })

async function drag(page: Page, pixels: number) {
  const box = await call(page).boundingBox()
  if (!box) throw new Error('the event is not on screen')
  const [x, y] = [box.x + box.width / 2, box.y + 6]
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x, y + 8, { steps: 2 })
  await page.mouse.move(x, y + pixels, { steps: 8 })
  await page.mouse.up()
}

for (const theme of ['light', 'dark'])
  for (const [width, height] of [
    [1280, 720],
    [390, 780],
  ] as const)
    test(`a delete says that Outlook mails the guests, ${theme}, ${width} wide`, async ({ open }) => {
      const { page } = await open(`calm outlook ${theme}`, 'schedule/day/2026-03-03')
      await page.setViewportSize({ width, height })
      await call(page).getByRole('button').focus()
      await page.keyboard.press('Delete')
      await expect(question(page)).toContainText('3 guests will get a mail from Outlook about this.')
      await expectAccessible(page)
      await page.screenshot({ path: test.info().outputPath('guests.png') })
      await page.keyboard.press('Escape')
      await expect(call(page)).toBeVisible()
      await call(page).getByRole('button').focus()
      await page.keyboard.press('Delete')
      await question(page).getByRole('button', { name: 'Go on' }).click()
      await expect(call(page)).toHaveCount(0)
    })

test('a dragged meeting goes back without a word, moves with one, and its undo asks again', async ({
  open,
}) => {
  const { page } = await open('calm')
  const before = await call(page).boundingBox()
  const stands = async () => (await call(page).boundingBox())?.y ?? 0
  await drag(page, 120)
  await expect(question(page)).toContainText('The 3 guests are not told: tell them yourself.')
  await question(page).getByRole('button', { name: 'Cancel' }).click()
  await expect.poll(stands).toBe(before?.y)
  await drag(page, 120)
  await question(page).getByRole('button', { name: 'Go on' }).click()
  await expect(question(page)).toHaveCount(0)
  await expect.poll(stands).toBeGreaterThan((before?.y ?? 0) + 80)
  await page.keyboard.press('Control+z')
  await question(page).getByRole('button', { name: 'Go on' }).click()
  await expect.poll(stands).toBe(before?.y)
})

test('what was written in the editor is there again when the guests are left alone', async ({ open }) => {
  const { page } = await open('calm caldav french', 'schedule/day/2026-03-03')
  await call(page).getByRole('button').focus()
  await page.keyboard.press('e')
  await page.getByRole('textbox', { name: 'Titre' }).fill('Appel')
  await page.keyboard.press('Control+Enter')
  const asked = page.getByRole('dialog', { name: 'Cette réunion a des invités' })
  await expect(asked).toContainText('Le serveur enverra peut-être un courriel aux 3 invités à ce sujet.')
  await asked.getByRole('button', { name: 'Annuler' }).click()
  await expect(page.getByRole('textbox', { name: 'Titre' })).toHaveValue('Appel')
})
