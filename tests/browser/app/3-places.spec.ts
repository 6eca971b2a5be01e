// The public page's switch and the settings.

import { expect, expectAccessible, need, test } from './world'

test('the page is switched off and on, and visitors see it', async ({ window, request }) => {
  const page = need('DAYMARK_PUBLIC_URL')
  const times = async () => /href="[^"]*start=/.test(await (await request.get(page)).text())
  await window.keyboard.press('2')
  await expect(window.getByLabel('Link of your page')).toHaveValue(page)
  await expect(window.getByRole('img', { name: 'QR code of your page’s link' }).locator('svg')).toBeVisible()
  await expectAccessible(window)
  await window.getByRole('switch', { name: 'Your page is on' }).click()
  await expect(window.getByRole('switch', { name: 'Your page is off' })).toBeEnabled()
  await expect.poll(times).toBe(false)
  await window.getByRole('switch', { name: 'Your page is off' }).click()
  await expect(window.getByRole('switch', { name: 'Your page is on' })).toBeEnabled()
  await expect.poll(times).toBe(true)
})

test('dark and French reach every view', async ({ window }) => {
  await window.keyboard.press('4')
  await window.getByText('Dark', { exact: true }).click()
  await window.getByText('Français').click()
  for (const [key, title] of [
    ['4', 'Réglages'],
    ['3', 'Activité'],
    ['2', 'Réservations'],
  ] as const) {
    await window.keyboard.press(key)
    await expect(window.getByRole('heading', { level: 1 })).toHaveText(title)
    await expectAccessible(window)
  }
  await window.keyboard.press('4')
  await window.getByText('English').click()
  await window.getByRole('radiogroup', { name: 'Theme' }).getByText('System').click()
  await expect(window.getByRole('heading', { level: 1 })).toHaveText('Settings')
})

test('hours survive a reload', async ({ window }) => {
  await window.keyboard.press('4')
  const end = window.getByLabel('Monday, to').first()
  const before = await end.inputValue()
  const change = async (hour: string) => {
    const saved = window.waitForResponse(
      (answer) => answer.request().postData()?.includes('set_settings') === true,
    )
    await end.fill(hour)
    await end.press('Enter')
    await saved
    await window.reload()
    await expect(end).toHaveValue(hour)
  }
  await change('11:45')
  await change(before)
})
