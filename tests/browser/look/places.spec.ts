// Accounts, bookings, activity, settings, first steps, and what goes wrong.

import type { Problem } from '../../../ui/src/host/contract'
import { expect, expectAccessible, test } from './window'

test('an account is connected through the browser, and its calendars are chosen', async ({ open }) => {
  const { page, act } = await open('calm')
  await page.getByRole('button', { name: 'Connect an account' }).click()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Microsoft 365 and Outlook' }).click()
  await expect(page.getByRole('heading', { name: 'Continue in your browser' })).toBeVisible()
  await expect(page.getByLabel('Sign-in link')).toHaveValue(/^https:\/\/accounts\.example/)
  await expectAccessible(page)
  await act({ act: 'consent', attempt: 't1', yes: true })
  await expect(page.getByRole('heading', { name: 'Connected' })).toBeVisible()
  await page.getByRole('checkbox', { name: 'Visits counts as busy' }).uncheck()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Done' }).click()
  await expect(page.getByRole('region', { name: 'new@northcare.ca' })).toBeVisible()
})

test('a sign-in that is refused says so and can be tried again', async ({ open }) => {
  const { page, act } = await open('calm')
  await page.getByRole('button', { name: 'Connect an account' }).click()
  await page.getByRole('button', { name: 'Google Calendar' }).click()
  await expect(page.getByLabel('Sign-in link')).toBeVisible()
  await act({ act: 'consent', attempt: 't1', yes: false })
  await expect(page.getByRole('alert')).toHaveText(/permission was not given/)
  await page.getByRole('button', { name: 'Try again' }).click()
  await act({ act: 'consent', attempt: 't2', yes: true })
  await expect(page.getByRole('heading', { name: 'Connected' })).toBeVisible()
})

test('a sign-in that an organisation refuses names the client for its admin', async ({ open }) => {
  const { page, act } = await open('calm')
  await page.getByRole('button', { name: 'Connect an account' }).click()
  await page.getByRole('button', { name: 'Microsoft 365 and Outlook' }).click()
  await page.getByText('The page does not let me go on').click()
  await expect(page.getByLabel('Client id')).toHaveValue('daymark')
  await act({ act: 'strange', attempt: 't1' })
  await expect(page.getByRole('alert')).toContainText('A page of another sign-in came back')
  await expectAccessible(page)
  const problem: Problem = {
    code: 'sign_in_by_policy',
    message: 'an administrator must allow it',
    params: { provider: 'Microsoft', client: '<b>6f1c2a50</b>' },
  }
  await act({ act: 'consent', attempt: 't1', yes: false, problem })
  await expect(page.getByRole('alert')).toHaveText(
    /only an administrator allow Daymark at Microsoft.*client id <b>6f1c2a50<\/b>, then try again/,
  )
  await expectAccessible(page)
})

test('the banner says that a sign-in is needed, and signing in clears it', async ({ open }) => {
  const { page, act } = await open('broken')
  const banner = page.getByRole('alert')
  await expect(banner).toContainText('maya.okafor@gmail.com needs you to sign in again')
  await banner.getByRole('button', { name: 'Sign in again' }).click()
  await expect(page.getByLabel('Sign-in link')).toBeVisible()
  await act({ act: 'consent', attempt: 't1', yes: true })
  await expect(page.getByRole('heading', { name: 'Signed in again' })).toBeVisible()
  await page.getByRole('button', { name: 'Close' }).click()
  await expect(banner).toHaveCount(0)
})

for (const theme of ['light', 'dark']) {
  test(`disconnecting says first what it does, and can be taken back, ${theme}`, async ({ open }) => {
    const { page, act } = await open(`calm ${theme}`, 'settings')
    const card = page.locator('article', { hasText: 'maya@northcare.ca' })
    await card.getByRole('button', { name: 'Disconnect' }).click()
    const dialog = page.getByRole('dialog', { name: 'Disconnect' })
    await expect(dialog).toContainText('is deleted at the provider')
    await expect(dialog).toContainText('until April 3, 2026')
    await expect(dialog).toContainText('permission is given back to Google and deleted from this computer')
    await expect(dialog).toContainText('1 change has not been sent yet')
    await expect(dialog).toContainText('1 coming booking')
    await expect(dialog).toContainText('It will need another calendar')
    await dialog.getByRole('button', { name: 'Show what was not' }).click()
    await expect(dialog).toContainText('Hand-over with Léa')
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Disconnect' }).click()
    await expect(card).toHaveCount(0)
    const left = page.getByRole('region', { name: 'Disconnected' })
    await expect(left).toContainText(/Removing \d+ cop(y|ies) from its calendars, then it leaves/)
    await expectAccessible(page)
    await left.getByRole('button', { name: 'at once' }).click()
    await expect(left).toContainText('for 30 more days')
    await expectAccessible(page)
    await left.scrollIntoViewIfNeeded()
    await left.getByRole('button', { name: 'Bring back' }).click()
    await expect(page.getByLabel('Sign-in link')).toBeVisible()
    await act({ act: 'consent', attempt: 't1', yes: true })
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    await expect(card).toHaveCount(1)
    await expect(left).toHaveCount(0)
  })
}

test('copies of an account that leaves are removed, or kept when so chosen', async ({ open }) => {
  const { page } = await open('calm', 'settings')
  await page
    .locator('article', { hasText: 'maya.okafor@gmail.com' })
    .getByRole('button', { name: 'Disconnect' })
    .click()
  const dialog = page.getByRole('dialog', { name: 'Disconnect' })
  const remove = dialog.getByRole('checkbox', { name: /^Also remove the 9/ })
  await expect(remove).toBeChecked()
  await remove.uncheck()
  const sent = page.waitForRequest((it) => it.postDataJSON()?.name === 'disconnect')
  await dialog.getByRole('button', { name: 'Disconnect' }).click()
  expect((await sent).postDataJSON().payload.remove_copies).toBeNull()
})

test('the days that are kept of an account are said on its card', async ({ open }) => {
  const { page } = await open('calm', 'settings')
  await expect(page.locator('article', { hasText: 'm.okafor@partner.org' })).toContainText(
    /Kept here: Dec 4, 2025\s?–\s?Apr 8, 2027/,
  )
  await expect(page.locator('article', { hasText: 'maya@northcare.ca' })).not.toContainText('Kept here:')
})

test('an account is paused and resumed from its card', async ({ open }) => {
  const { page } = await open('calm', 'settings')
  const card = page.locator('article', { hasText: 'm.okafor@partner.org' })
  await card.getByRole('button', { name: 'Pause' }).click()
  await expect(card).toContainText('Paused')
  await card.getByRole('button', { name: 'Resume' }).click()
  await expect(card).toContainText('Connected')
})

test('no two headings of a view say the same', async ({ open, page }) => {
  await open('calm', 'bookings')
  for (const place of ['bookings', 'activity', 'settings']) {
    await page.goto(`/#/${place}`)
    await expect(page.locator('main h2').first()).toBeVisible()
    const said = await page.locator('main').locator('h1, h2').allTextContents()
    expect(new Set(said).size, said.join(', ')).toBe(said.length)
  }
})

test('a cancelled visit stands among the coming ones until its time is over', async ({ open }) => {
  const { page } = await open('calm', 'bookings')
  const visit = page.locator('article', { hasText: 'L. Moreau' })
  await expect(visit).toContainText('Cancelled')
  await page.getByText('Past', { exact: true }).click()
  await expect(page.locator('article', { hasText: 'A. Roy' })).toBeVisible()
  await expect(visit).toHaveCount(0)
})

test('hours are edited by block, copied to the weekdays, and saved only when they make sense', async ({
  open,
}) => {
  const { page } = await open('calm', 'settings')
  const start = page.getByLabel('Monday, from').nth(1)
  await start.fill('11:00')
  await start.press('Tab')
  await expect(page.getByText('These hours overlap.')).toBeVisible()
  await start.fill('12:30')
  await start.press('Tab')
  await expect(page.getByText('These hours overlap.')).toHaveCount(0)
  // What is saved is on screen before: the five days' answer says that it is kept.
  const kept = page.waitForResponse(
    (answer) => answer.request().postData()?.match(/12:30/g)?.length === 5 && answer.ok(),
  )
  await page.getByRole('button', { name: 'Copy Monday to all weekdays' }).click()
  await expect(page.getByLabel('Friday, from').nth(1)).toHaveValue('12:30')
  await kept
  await page.reload()
  await expect(page.getByLabel('Friday, from').nth(1)).toHaveValue('12:30')
})

test('a day off is added, given other hours, and removed', async ({ open }) => {
  const { page } = await open('calm', 'settings')
  await page.getByRole('button', { name: 'Add a day off' }).click()
  await expect(page.getByRole('button', { name: 'Day: Thursday, March 5' })).toBeVisible()
  const saved = page.waitForResponse((answer) => answer.request().postData()?.includes('10:00') === true)
  await page.getByRole('button', { name: 'Other hours' }).click()
  await saved
  await page.reload()
  await expect(page.getByLabel('Thursday, March 5, from')).toHaveValue('10:00')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Remove Thursday, March 5' }).click()
  await expect(page.getByLabel('Thursday, March 5, from')).toHaveCount(0)
})

test('language, theme, clock and zone take effect at once', async ({ open }) => {
  const { page } = await open('light calm', 'settings')
  await page.getByText('2:30 PM').click()
  await expect(page.getByLabel('Monday, from').first()).toHaveValue(/^8:30\sa\.m\.$/i)
  await page.getByText('Dark', { exact: true }).click()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  const zone = page.getByRole('combobox', { name: 'Time zone' })
  await zone.fill('kathm')
  await expect(page.getByRole('option', { name: /Kathmandu/ })).toBeVisible()
  await zone.press('Enter')
  await expect(zone).toHaveValue(/Kathmandu/)
  await page.getByText('Français').click()
  await expect(page.locator('h1')).toHaveText('Réglages')
  await expect(page.locator('html')).toHaveAttribute('lang', /^fr/)
})

test('the page is switched off, and its form checks itself before it publishes', async ({ open }) => {
  const { page } = await open('calm', 'bookings')
  await page.getByRole('switch', { name: 'Your page is on' }).click()
  await expect(page.getByRole('switch', { name: 'Your page is off' })).not.toBeChecked()
  await expect(page.getByRole('img', { name: 'QR code of your page’s link' }).locator('svg')).toBeVisible()
  const length = page.getByLabel('Length')
  await length.fill('0')
  await expect(page.getByText('Mend the marked fields first')).toBeVisible()
  await length.fill('45')
  await page.getByText('Ask me first').click()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Save and publish' }).click()
  await expect(page.getByText('Saved', { exact: true })).toBeVisible()
  await page.reload()
  await expect(page.getByLabel('Length')).toHaveValue('45')
  await expect(page.getByRole('switch', { name: 'Your page is off' })).not.toBeChecked()
})

test('a request is confirmed from the rail and moves among the bookings', async ({ open }) => {
  const { page } = await open('calm')
  const rail = page.getByRole('complementary', { name: 'Today' })
  await rail.getByRole('button', { name: 'Confirm' }).click()
  await expect(rail.getByText('Booking request')).toHaveCount(0)
  await page.keyboard.press('2')
  await expect(page.locator('article', { hasText: 'J. Park' })).toContainText('Confirmed')
})

test('a wrong code is explained, a right one opens the page', async ({ open }) => {
  const { page } = await open('empty', 'bookings')
  await page.getByLabel('Address of the relay').fill('https://book.northcare.ca')
  await page.getByLabel('One-time code').fill('WRONG')
  await page.getByRole('button', { name: 'Join the relay' }).click()
  await expect(page.getByRole('alert')).toContainText('does not know this code')
  await page.getByLabel('One-time code').fill('GOOD-CODE')
  await page.getByRole('button', { name: 'Join the relay' }).click()
  await expect(page.getByLabel('Link of your page')).toHaveValue('https://book.northcare.ca/maya')
})

test('the journal tells each write and takes it back', async ({ open }) => {
  const { page } = await open('calm')
  await page.locator('.ec-event', { hasText: 'Supplier call' }).first().click()
  await page.keyboard.press('Delete')
  await page.getByRole('dialog').getByRole('button', { name: 'Go on' }).click()
  await page.keyboard.press('3')
  const entry = page.getByRole('listitem').filter({ hasText: 'You deleted Supplier call' }).first()
  await expect(entry).toContainText('Waiting')
  await entry.getByRole('button', { name: 'Undo the change to Supplier call' }).click()
  await expect(entry).toContainText('Undone')
})

test('the first steps can all be skipped and lead to an empty week', async ({ open }) => {
  const { page } = await open('first')
  await page.getByRole('button', { name: 'Skip for now' }).click()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Without a page for now' }).click()
  await expect(page.getByText('No calendar is connected yet').first()).toBeVisible()
})

test('hours that are no hours hold the first steps back until they are mended', async ({ open }) => {
  const { page } = await open('first')
  await page.getByRole('button', { name: 'Skip for now' }).click()
  const from = page.getByRole('combobox', { name: 'Monday, from' }).first()
  const ways = [page.getByRole('button', { name: 'Next' }), page.getByRole('button', { name: 'Public page' })]
  for (const wrong of ['noonish', '13:30']) {
    await from.fill(wrong)
    await from.blur()
    for (const way of ways) await expect(way).toBeDisabled()
  }
  await from.fill('8')
  await from.blur()
  for (const way of ways) await expect(way).toBeEnabled()
  await ways[0]?.click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Let people book you')
})

test('the first steps connect an account and end in a filled week', async ({ open }) => {
  const { page, act } = await open('first')
  await page.getByRole('button', { name: 'Google Calendar' }).click()
  await expect(page.getByLabel('Sign-in link')).toBeVisible()
  await act({ act: 'consent', attempt: 't1', yes: true })
  await page.getByRole('button', { name: 'Done' }).click()
  await expect(page.getByText('new@northcare.ca')).toBeVisible()
  await page.getByRole('button', { name: 'Next', exact: true }).click()
  await page.getByRole('button', { name: 'Next', exact: true }).click()
  await page.getByRole('button', { name: 'Without a page for now' }).click()
  await expect(page.locator('.ec-event', { hasText: 'Repairs, depot' })).toBeVisible()
})

test('a lost engine is said, and everything is asked again when it is back', async ({ open, page }) => {
  await page.route('**/notices', (route) => route.abort())
  await open('calm')
  await expect(page.getByRole('alert')).toContainText('engine does not answer')
  await page.unroute('**/notices')
  await expect(page.getByRole('alert')).toHaveCount(0, { timeout: 10_000 })
})

test('an engine that is not there at the start is said with a way on', async ({ open, page }) => {
  await page.route('**/rpc', (route) => route.abort())
  // With its notices the window would start by itself.
  await page.route('**/notices', (route) => route.abort())
  await open('calm')
  await expect(page.getByText('Daymark could not start')).toBeVisible()
  await page.unroute('**/rpc')
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.locator('h1')).toBeVisible()
  await page.unroute('**/notices')
  await expect(page.getByRole('alert')).toHaveCount(0, { timeout: 10_000 })
})

test('the token leaves the address bar', async ({ open }) => {
  const { page } = await open('calm')
  await expect(page.locator('h1')).toBeVisible()
  expect(page.url()).not.toContain('token')
})

test('a calendar is read from a file or a feed, and what cannot be read is said', async ({ open }) => {
  const { page } = await open('calm', 'settings')
  await page.getByRole('button', { name: 'Import a file' }).click()
  const file = page.getByRole('dialog', { name: 'Import a file' })
  await expectAccessible(page)
  await file.getByLabel('Calendar file').setInputFiles({
    name: 'Rota.ics',
    mimeType: 'text/calendar',
    buffer: Buffer.from('BEGIN:VCALENDAR'),
  })
  await file.getByRole('button', { name: 'Add' }).click()
  await expect(file).toContainText('line 7: no DTSTART')
  await file.getByRole('button', { name: 'Done' }).click()
  await expect(page.locator('article', { hasText: 'Rota' }).last()).toBeVisible()
  await page.getByRole('button', { name: 'Subscribe to a calendar' }).click()
  const feed = page.getByRole('dialog', { name: 'Subscribe to a calendar' })
  await feed.getByLabel('Address').fill('ftp://city.example')
  await feed.getByRole('button', { name: 'Add' }).click()
  await expect(feed.getByRole('alert')).toContainText('not https')
  await expectAccessible(page)
  await feed.getByLabel('Address').fill('https://city.example/a.ics')
  await feed.getByRole('button', { name: 'Add' }).click()
  await expect(feed).toContainText('City holidays')
})

for (const [language, length, notice, hours] of [
  [
    'english',
    'Write a whole number from 5 to 1,440 min.',
    'Write a whole number from 0 to 720 hours.',
    'hours',
  ],
  ['french', /de 5 à 1\s440 min\./, 'Écrivez un nombre entier, de 0 à 720 heures.', 'heures'],
] as const)
  test(`a number out of range stays, and its field says what it takes: ${language}`, async ({ open }) => {
    const { page } = await open(`calm light ${language}`, 'bookings')
    const numbers = page.locator('form').locator('input[inputmode=numeric]')
    const fields = { length: numbers.first(), notice: numbers.nth(4) }
    for (const typed of ['0', '99999', 'abc', '12345678', '']) {
      await fields.length.fill(typed)
      await expect(fields.length).toHaveValue(typed)
      await expect(fields.length).toHaveAccessibleDescription(length)
      await expect(page.locator('form button[type=submit]')).toBeDisabled()
    }
    await expectAccessible(page)
    await fields.length.fill('7')
    await expect(fields.length).toHaveAccessibleDescription('')
    await page.locator('form select').first().selectOption({ label: hours })
    await fields.notice.fill('x')
    await expect(fields.notice).toHaveAccessibleDescription(notice)
  })

test('a client id that is not accepted is left with Close: signing in again does not help', async ({
  open,
}) => {
  const { page, act } = await open('calm light')
  await page.getByRole('button', { name: 'Connect an account' }).click()
  await page.getByRole('button', { name: 'Microsoft 365 and Outlook' }).click()
  const problem: Problem = {
    code: 'client_refused',
    message: 'the client is not known',
    params: { service: 'Microsoft', section: 'microsoft', client: 'daymark' },
  }
  await expect(page.getByLabel('Sign-in link')).toBeVisible()
  await act({ act: 'consent', attempt: 't1', yes: false, problem })
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('alert')).toContainText('signing in again does not help')
  await expect(dialog.getByRole('button')).toHaveText(['Close'])
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Close' }).click()
  await expect(dialog).toHaveCount(0)
})

test('an account’s address is not cut while there is room for it', async ({ open }) => {
  const { page } = await open('light french', 'settings')
  for (const address of ['maya.okafor@gmail.com', 'm.okafor@partner.org']) {
    const heading = page.getByRole('heading', { name: address, exact: true })
    expect(
      await heading.evaluate((head) => head.scrollWidth - head.clientWidth),
      address,
    ).toBeLessThanOrEqual(0)
  }
  const ways = page.locator('article .ways')
  const tops = await ways.evaluateAll((all) =>
    all.map((one) => one.getBoundingClientRect().top - (one.parentElement?.getBoundingClientRect().top ?? 0)),
  )
  expect(new Set(tops.map(Math.round)).size, 'the buttons of every account stand alike').toBe(1)
})

test('what is not saved of the page is still there after a look at another place', async ({ open }) => {
  const { page } = await open('calm', 'bookings')
  const length = page.getByLabel('Length')
  await length.fill('45')
  await page.getByText('Ask me first').click()
  await page.getByRole('heading', { level: 1 }).click()
  await page.keyboard.press('1')
  await expect(page).toHaveURL(/schedule/)
  await page.keyboard.press('2')
  await expect(page.getByText('Not saved yet')).toBeVisible()
  await expect(length).toHaveValue('45')
  await expect(page.getByLabel('Ask me first')).toBeChecked()
  // The switch is saved at once and by itself.
  await page.getByRole('switch', { name: 'Your page is on' }).click()
  await expect(page.getByRole('switch', { name: 'Your page is off' })).toBeEnabled()
  await expect(length).toHaveValue('45')
  const sent = page.waitForRequest((it) => it.postDataJSON()?.name === 'set_page')
  await page.getByRole('button', { name: 'Save and publish' }).click()
  expect((await sent).postDataJSON().payload).toMatchObject({ on: false, approval: true })
  await expect(page.getByText('Not saved yet')).toHaveCount(0)
  await length.fill('90')
  await page.getByRole('button', { name: 'Discard' }).click()
  await expect(length).toHaveValue('45')
})

test('hours that are not right yet are still there after a look at another place', async ({ open }) => {
  const { page } = await open('calm', 'settings')
  const start = page.getByLabel('Monday, from').nth(1)
  await start.fill('11:00')
  await start.press('Tab')
  await expect(page.getByText('These hours overlap.')).toBeVisible()
  await page.getByRole('heading', { level: 1 }).click()
  await page.keyboard.press('1')
  await expect(start).toHaveCount(0)
  await page.keyboard.press('4')
  await expect(start).toHaveValue('11:00')
  await expect(page.getByText('These hours overlap.')).toBeVisible()
})

test('a page that asks first does not say that it books by itself', async ({ open }) => {
  const { page } = await open('calm', 'bookings')
  const lease = page.getByText('Books by itself until')
  await expect(lease).toBeVisible()
  await page.getByText('Ask me first').click()
  await expect(lease).toBeVisible()
  await page.getByRole('button', { name: 'Save and publish' }).click()
  await expect(page.getByText('Published', { exact: true })).toBeVisible()
  await expect(lease).toHaveCount(0)
})

test('a request that is declined stays among the coming visits until its time is over', async ({ open }) => {
  const { page } = await open('calm', 'bookings')
  const visit = page.locator('article', { hasText: 'J. Park' })
  await visit.getByRole('button', { name: 'Decline' }).click()
  await expect(visit).toContainText('Declined')
  await page.getByText('Past', { exact: true }).click()
  await expect(page.locator('article', { hasText: 'A. Roy' })).toBeVisible()
  await expect(visit).toHaveCount(0)
})
