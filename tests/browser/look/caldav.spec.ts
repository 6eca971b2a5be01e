// An account at a CalDAV server: its form, what can go wrong, and a password that changed.

import type { Page } from '@playwright/test'
import { expect, expectAccessible, test } from './window'

async function form(page: Page, server: string) {
  await page.getByRole('button', { name: 'Connect an account' }).click()
  await page.getByRole('button', { name: 'CalDAV server' }).click()
  await page.getByText(server, { exact: true }).click()
  return page.getByRole('dialog')
}

for (const theme of ['light', 'dark']) {
  test(`a CalDAV account is connected, and its calendars are chosen, ${theme}`, async ({ open }) => {
    const { page } = await open(`calm ${theme}`)
    const dialog = await form(page, 'Nextcloud')
    await expect(dialog).toContainText('Make it in Nextcloud')
    await expect(dialog.getByRole('button', { name: 'Connect', exact: true })).toBeDisabled()
    await expectAccessible(page)
    await dialog.getByLabel('Address of the server').fill('cloud.example.org')
    await dialog.getByLabel('User name').fill('maya')
    await dialog.getByLabel('App password').fill('abcd-efgh')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { name: 'Connected' })).toBeVisible()
    await expect(dialog.getByRole('checkbox', { name: 'Garden club', exact: true })).toBeChecked()
    await page.getByRole('button', { name: 'Done' }).click()
    await expect(page.getByRole('region', { name: 'maya' }).first()).toBeVisible()
  })
}

test('what is wrong is said with its remedy, and what was typed stays', async ({ open }) => {
  const { page } = await open('calm')
  const dialog = await form(page, 'Elsewhere')
  const connect = dialog.getByRole('button', { name: 'Connect', exact: true })
  await dialog.getByLabel('User name').fill('maya')
  await dialog.getByLabel('Password').fill('wrong')
  for (const [address, words] of [
    ['silent.example.org', /does not answer. Check the address/],
    ['unsafe.example.org', /cannot prove who it is, so your password was not sent/],
    ['www.example.org', /offers no calendars by CalDAV/],
    ['cloud.example.org', /does not accept this name and password/],
  ] as const) {
    await dialog.getByLabel('Address of the server').fill(address)
    await expect(dialog.getByRole('alert')).toHaveCount(0)
    await connect.click()
    await expect(dialog.getByRole('alert')).toHaveText(words)
    await expectAccessible(page)
  }
  await expect(dialog.getByLabel('User name')).toHaveValue('maya')
  await expect(dialog.getByLabel('Password')).toHaveValue('wrong')
})

test('another server, or one without encryption, gets the password only when agreed to', async ({ open }) => {
  const { page } = await open('calm')
  const dialog = await form(page, 'iCloud')
  await dialog.getByLabel('Mail address of your Apple Account').fill('maya@icloud.com')
  await dialog.getByLabel('App password').fill('abcd-efgh')
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('alert')).toContainText('Your calendars are at https://p34-caldav.icloud.com')
  await expectAccessible(page)
  await dialog.getByText('Elsewhere', { exact: true }).click()
  await dialog.getByLabel('Address of the server').fill('http://cloud.example.org')
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click()
  await expect(dialog.getByRole('alert')).toContainText('without encryption')
  await dialog.getByText('iCloud', { exact: true }).click()
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click()
  const sent = page.waitForRequest((it) => it.postDataJSON()?.name === 'connect_caldav')
  await dialog.getByRole('button', { name: 'Send it there' }).click()
  const { allow_http, servers, address_or_url } = (await sent).postDataJSON().payload
  expect({ allow_http, servers, address_or_url }).toEqual({
    allow_http: false,
    servers: ['https://p34-caldav.icloud.com'],
    address_or_url: 'caldav.icloud.com',
  })
  await expect(page.getByRole('heading', { name: 'Connected' })).toBeVisible()
})

test('a password that changed is the one thing to type', async ({ open }) => {
  const { page } = await open('broken caldav')
  await page.getByRole('alert').getByRole('button', { name: 'Sign in again' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('maya (cloud.example.org)')
  await expect(dialog.getByRole('textbox')).toHaveCount(1)
  await expectAccessible(page)
  await dialog.getByLabel('Password').fill('abcd-efgh')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Signed in again' })).toBeVisible()
})

test('a CalDAV account that comes back asks for its password', async ({ open }) => {
  const { page } = await open('calm caldav', 'settings')
  const card = page.locator('article', { hasText: 'maya (cloud.example.org)' })
  await card.getByRole('button', { name: 'Disconnect' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click()
  await page.getByRole('button', { name: 'Bring back' }).click()
  await expect(page.getByRole('dialog', { name: 'Sign in again' }).getByLabel('Password')).toBeVisible()
})
