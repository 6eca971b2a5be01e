// No keyring: where sign-ins are kept is chosen, unlocked and begun anew in one dialog.

import type { Page } from '@playwright/test'
import { expect, expectAccessible, test } from './window'

const dialogOf = (page: Page) => page.getByRole('dialog')

async function type(page: Page, first: string, again = first) {
  await dialogOf(page).getByLabel('Passphrase', { exact: true }).fill(first)
  await dialogOf(page).getByLabel('The same once more').fill(again)
  await page.keyboard.press('Enter')
}

for (const theme of ['light', 'dark']) {
  test(`a file behind a passphrase is chosen at the card, and the card goes, ${theme}`, async ({ open }) => {
    const { page } = await open(`keyless ${theme}`)
    const card = page.getByRole('alert')
    await card.getByRole('button', { name: 'Choose where to keep them' }).click()
    await expect(dialogOf(page)).toContainText('connected accounts ask you to sign in again')
    await expectAccessible(page)
    await dialogOf(page).getByRole('button', { name: 'In a file behind a passphrase' }).click()
    await expect(dialogOf(page).getByLabel('Passphrase', { exact: true })).toBeFocused()
    await expectAccessible(page)
    await type(page, 'correct horse')
    await expect(dialogOf(page)).toHaveCount(0)
    await expect(card).toHaveCount(0)
    await page.keyboard.press('4')
    await expect(page.getByText('in a file behind your passphrase')).toBeVisible()
  })

  test(`a locked file is asked about at the start, and a wrong passphrase is said at its field, ${theme}`, async ({
    open,
  }) => {
    const { page } = await open(`locked ${theme}`)
    const field = dialogOf(page).getByLabel('Passphrase')
    await expect(field).toBeFocused()
    await expectAccessible(page)
    await field.fill('wrong horse')
    await page.keyboard.press('Enter')
    await expect(field).toHaveAccessibleDescription(/does not open the file.*Nothing was changed/)
    await expect(field).toHaveValue('wrong horse')
    await expectAccessible(page)
    await field.fill('correct horse')
    await page.keyboard.press('Enter')
    await expect(dialogOf(page)).toHaveCount(0)
    await expect(page.getByText('Your sign-ins are locked')).toHaveCount(0)
  })
}

test('a passphrase that is too short, or typed differently, is refused with the reason', async ({ open }) => {
  const { page } = await open('keyless light')
  const sent: string[] = []
  page.on('request', (request) => {
    if (request.postData()?.includes('choose_secrets')) sent.push(request.url())
  })
  await page.getByRole('button', { name: 'Choose where to keep them' }).click()
  await dialogOf(page).getByRole('button', { name: 'In a file behind a passphrase' }).click()
  const [first, again] = [
    dialogOf(page).getByLabel('Passphrase', { exact: true }),
    dialogOf(page).getByLabel('The same once more'),
  ]
  await expect(first).toHaveAccessibleDescription(/At least 8 characters/)
  await type(page, '       7       ')
  await expect(first).toHaveAccessibleDescription('A passphrase needs at least 8 characters.')
  await expectAccessible(page)
  await type(page, 'correct horse', 'correct house')
  await expect(again).toHaveAccessibleDescription('This is not the same as above.')
  expect(sent).toEqual([])
  await dialogOf(page).getByRole('button', { name: 'Back' }).click()
  await expect(dialogOf(page).getByRole('button', { name: 'In a file behind a passphrase' })).toBeFocused()
})

test('for this session only, and then in a file after all', async ({ open }) => {
  const { page } = await open('keyless light')
  await page.getByRole('button', { name: 'Choose where to keep them' }).click()
  await dialogOf(page).getByRole('button', { name: 'For this session only' }).click()
  await expect(dialogOf(page)).toHaveCount(0)
  await expect(page.getByText('Sign-ins are kept only until Daymark stops.')).toBeVisible()
  await page.getByRole('button', { name: 'Keep them in a file' }).click()
  await expect(dialogOf(page)).toContainText('those of this session move there')
  await expectAccessible(page)
  await type(page, 'correct horse')
  await expect(page.getByText('Sign-ins are kept only until Daymark stops.')).toHaveCount(0)
})

test('whoever forgot the passphrase begins anew, and hears where the old file is', async ({ open }) => {
  const { page } = await open('locked light')
  await dialogOf(page).getByRole('button', { name: 'Forgotten?' }).click()
  await expect(dialogOf(page)).toContainText('The locked file is moved aside, not deleted.')
  await expectAccessible(page)
  await type(page, 'another horse')
  await expect(dialogOf(page)).toContainText('The old one is called secrets.old-1 now')
  await expect(dialogOf(page).getByRole('button', { name: 'Done' })).toBeFocused()
  await expectAccessible(page)
  await page.keyboard.press('Enter')
  await expect(dialogOf(page)).toHaveCount(0)
  await expect(page.getByText('Your sign-ins are locked')).toHaveCount(0)
})

test('it can wait: the schedule is looked at while locked, and the card unlocks', async ({ open }) => {
  const { page } = await open('locked light')
  await page.keyboard.press('Escape')
  await expect(dialogOf(page)).toHaveCount(0)
  await expect(page.locator('.ec-event').first()).toBeVisible()
  await page.getByRole('alert').getByRole('button', { name: 'Unlock' }).click()
  await dialogOf(page).getByRole('button', { name: 'Later' }).click()
  await expect(dialogOf(page)).toHaveCount(0)
})

test('a sign-in that could not be kept comes after the choice, and goes on by itself', async ({ open }) => {
  const { page } = await open('first keyless light')
  await page.getByRole('button', { name: 'Google' }).click()
  await expect(dialogOf(page)).toContainText('Where should sign-ins be kept?')
  await expectAccessible(page)
  await dialogOf(page).getByRole('button', { name: 'In a file behind a passphrase' }).click()
  await type(page, 'correct horse')
  await expect(dialogOf(page)).toContainText('browser')
})

test('what else would have to be kept is refused with the way to a place for it', async ({ open }) => {
  const { page } = await open('keyless empty light', 'bookings')
  await page.getByLabel('Address').fill('https://book.example.org')
  await page.getByLabel('Code').fill('GOOD-CODE')
  await page.keyboard.press('Enter')
  const refused = page.getByRole('main').getByRole('alert').filter({ hasText: 'cannot be kept yet' })
  await expectAccessible(page)
  await refused.getByRole('button', { name: 'Choose where to keep them' }).click()
  await dialogOf(page).getByRole('button', { name: 'For this session only' }).click()
  await expect(dialogOf(page)).toHaveCount(0)
  await page.getByRole('button', { name: 'Join' }).click()
  await expect(page.getByText('cannot be kept yet')).toHaveCount(0)
})

test('the dialog speaks French, and stays within a narrow window', async ({ open }) => {
  const { page } = await open('locked light french')
  await page.setViewportSize({ width: 360, height: 640 })
  await expect(dialogOf(page)).toContainText('Déverrouillez vos connexions')
  await expectAccessible(page)
  await dialogOf(page).getByRole('button', { name: 'Oubliée ?' }).click()
  await expect(dialogOf(page)).toContainText('Le fichier verrouillé est mis de côté, pas supprimé.')
  await expectAccessible(page)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
})
