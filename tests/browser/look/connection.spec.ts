// The connection test.

import { expect, expectAccessible, test } from './window'

for (const theme of ['light', 'dark']) {
  test(`a connection is tried step by step, ${theme}`, async ({ open }) => {
    const { page } = await open(`calm ${theme}`, 'settings')
    const card = page.locator('article', { hasText: 'maya@northcare.ca' })
    await card.getByRole('button', { name: 'Test connection' }).click()
    const dialog = page.getByRole('dialog', { name: 'Test connection' })
    await expect(dialog.getByRole('status')).toHaveText('Everything works.')
    await expect(dialog.getByRole('listitem')).toHaveText([
      /Reaching the server: works/,
      /Encryption: works/,
      /Sign-in: works/,
      /List of calendars: works.*4 calendars/,
      /Reading events: works/,
      /Writing events: works.*3 calendars/,
    ])
    await expectAccessible(page)
  })
}

test('where it stops, the reason and what helps stand beside it', async ({ open }) => {
  const { page } = await open('broken', 'settings')
  const card = page.locator('article', { hasText: 'maya.okafor@gmail.com' })
  await card.getByRole('button', { name: 'Test connection' }).click()
  const dialog = page.getByRole('dialog', { name: 'Test connection' })
  await expect(dialog.getByRole('listitem').nth(2)).toContainText('does not work')
  await expect(dialog.getByRole('listitem').nth(2)).toContainText('no longer accepted')
  await expect(dialog.getByRole('listitem').nth(4)).toContainText('A step before it failed')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Sign in again' }).click()
  await expect(page.getByLabel('Sign-in link')).toBeVisible()
})
