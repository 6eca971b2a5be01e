// Accounts: a lost permission, its remedy, and connecting anew.

import { eventOf, expect, expectAccessible, need, PARTNER, PERSONAL, syncUntil, test } from './world'

test('a revoked permission is said, loses nothing, and a sign-in heals it', async ({ window, sandbox }) => {
  await expect(eventOf(window, 'Dentist')).toBeVisible()
  await sandbox.revoke('google', PERSONAL)
  const banner = window.getByRole('alert').filter({ hasText: PERSONAL })
  await syncUntil(window, () => expect(banner).toContainText('sign in again'))
  await expect(eventOf(window, 'Dentist')).toBeVisible()
  await expectAccessible(window)
  await banner.getByRole('button', { name: 'Sign in again' }).click()
  const link = window.getByLabel('Sign-in link')
  await expect(link).toHaveValue(/^http/)
  await sandbox.consent(await link.inputValue(), PERSONAL)
  await expect(window.getByRole('heading', { name: 'Signed in again' })).toBeVisible()
  await window.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  await expect(banner).toHaveCount(0)
})

test('a refused consent is said in words', async ({ window, sandbox }) => {
  await window.getByRole('button', { name: 'Connect an account' }).click()
  await window.getByRole('button', { name: 'Google Calendar' }).click()
  const link = window.getByLabel('Sign-in link')
  await expect(link).toHaveValue(/^http/)
  const page = await sandbox.consent(await link.inputValue(), PERSONAL, true)
  expect(page).toContain('try again, and allow it')
  expect(page).not.toContain('That’s it')
  await expect(window.getByRole('alert')).toContainText('permission was not given')
  await window.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  await expect(window.getByRole('dialog')).toHaveCount(0)
})

test('an account is disconnected, connected again, and its calendars are chosen', async ({
  window,
  sandbox,
}) => {
  await window.keyboard.press('4')
  await window.locator('article', { hasText: PARTNER }).getByRole('button', { name: 'Disconnect' }).click()
  await window.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click()
  await expect(window.locator('article', { hasText: PARTNER })).toHaveCount(0)
  await window.keyboard.press('1')
  await expect(eventOf(window, 'Case review')).toHaveCount(0)

  await window.getByRole('button', { name: 'Connect an account' }).click()
  await window.getByRole('button', { name: 'Microsoft 365 and Outlook' }).click()
  const link = window.getByLabel('Sign-in link')
  await expect(link).toHaveValue(/^http/)
  await sandbox.consent(await link.inputValue(), PARTNER)
  await expect(window.getByRole('heading', { name: 'Connected' })).toBeVisible()
  await expect(
    window.getByRole('dialog').getByRole('checkbox', { name: 'Partner clinic', exact: true }),
  ).toBeChecked()
  await window.getByRole('button', { name: 'Done' }).click()
  await expect(eventOf(window, 'Case review')).toBeVisible({ timeout: 15_000 })
})

test('a calendar that is hidden leaves the week and comes back', async ({ window }) => {
  await expect(eventOf(window, 'Lunch with Mum')).toBeVisible()
  const shown = window.getByRole('checkbox', { name: /^Maya/ })
  await shown.uncheck()
  await expect(eventOf(window, 'Lunch with Mum')).toHaveCount(0)
  await shown.check()
  await expect(eventOf(window, 'Lunch with Mum')).toBeVisible()
})

test('a used address says where the next one is', async ({ browser }) => {
  const stranger = await browser.newPage()
  await stranger.goto(need('DAYMARK_APP_URL'))
  await expect(stranger.getByText('opens one window, once')).toBeVisible()
  await expect(stranger).toHaveURL(/\/$/)
  await stranger.close()
})
