// A CalDAV account over the real engine: connected, read, locked out and let in again.

import { eventOf, expect, expectAccessible, need, syncUntil, test } from './world'

const USER = 'ada@garden.example'
const SEED = {
  zone: 'America/Toronto',
  accounts: [
    {
      provider: 'caldav',
      email: USER,
      name: 'Ada',
      zone: 'America/Toronto',
      calendars: [
        {
          id: 'garden',
          name: 'Garden club',
          color: '#2f6fb0',
          events: [
            {
              key: 'pruning',
              title: 'Pruning day',
              when: { weekday: 'wed', from: '18:00', to: '19:00' },
              attendees: ['li@garden.example'],
            },
          ],
        },
      ],
    },
  ],
}

test('a CalDAV account is connected with its password, and a wrong one keeps the rest', async ({
  window,
  sandbox,
}) => {
  await sandbox.seed(SEED)
  await window.getByRole('button', { name: 'Connect an account' }).click()
  await window.getByRole('button', { name: 'CalDAV server' }).click()
  const dialog = window.getByRole('dialog')
  await dialog.getByText('Elsewhere', { exact: true }).click()
  await dialog.getByLabel('Address of the server').fill(new URL(need('DAYMARK_CONTROL_URL')).host)
  await dialog.getByLabel('User name').fill(USER)
  await dialog.getByLabel('Password').fill('not this one')
  await window.keyboard.press('Enter')
  await expect(dialog.getByRole('alert')).toContainText('does not accept this name and password')
  await expect(dialog.getByLabel('User name')).toHaveValue(USER)
  await expectAccessible(window)
  await dialog.getByLabel('Password').fill('app-password')
  await window.keyboard.press('Enter')
  await expect(window.getByRole('heading', { name: 'Connected' })).toBeVisible()
  await expect(dialog.getByRole('checkbox', { name: 'Garden club', exact: true })).toBeChecked()
  await window.getByRole('button', { name: 'Done' }).click()
  await expect(eventOf(window, 'Pruning day')).toBeVisible({ timeout: 15_000 })
  await eventOf(window, 'Pruning day').click()
  await expect(window.getByRole('dialog').getByRole('listitem')).toHaveText(
    /li@garden.example.*no answer yet/,
  )
})

test('a password that changed there is typed anew, and nothing else', async ({ window, sandbox }) => {
  await sandbox.setPassword(USER, 'another one')
  const banner = window.getByRole('alert').filter({ hasText: USER })
  await syncUntil(window, () => expect(banner).toContainText('sign in again'))
  await expect(eventOf(window, 'Pruning day')).toBeVisible()
  await banner.getByRole('button', { name: 'Sign in again' }).click()
  await window.getByRole('dialog').getByLabel('Password').fill('another one')
  await window.keyboard.press('Enter')
  await expect(window.getByRole('heading', { name: 'Signed in again' })).toBeVisible()
  await window.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  await expect(banner).toHaveCount(0)
})

test('it leaves, and comes back with nothing but its password', async ({ window }) => {
  await window.keyboard.press('4')
  const card = window.locator('article', { hasText: USER })
  const leave = async () => {
    await card.getByRole('button', { name: 'Disconnect' }).click()
    await window.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click()
    await expect(card).toHaveCount(0)
  }
  await leave()
  await window.getByRole('button', { name: `Bring back ${USER}` }).click()
  await window.getByRole('dialog').getByLabel('Password').fill('another one')
  await window.keyboard.press('Enter')
  await window.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  await expect(card).toContainText('Connected')
  await leave()
})
