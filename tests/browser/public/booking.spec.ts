// A visitor's way from the page to a booking and back out of it, with and without scripts.

import { expect, test } from '@playwright/test'
import { address, book, cancel, choose, fill, open, send, showDay, times } from './visit'

// The visitors here share one page: they come one after the other, and each gives the time back.
test.describe.configure({ mode: 'default' })

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with scripts' : 'without scripts', () => {
    test.use({ javaScriptEnabled })

    test('a visitor books, sees it, and cancels it', async ({ page }) => {
      await open(page)
      const time = await choose(page, 0)
      await expect(page.locator('.slip')).toContainText(time)
      await fill(page)
      await send(page)
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(
        /You are booked|Your request is on its way/,
      )
      await expect(page.locator('.slip')).toContainText(time)
      await expect(page.locator('.wrote')).toContainText('Ana Roy')

      const manage = page.url()
      await page.getByRole('link', { name: /^(Cancel booking|Withdraw request)$/ }).click()
      await page.getByRole('link', { name: 'Keep it' }).click()
      await expect(page).toHaveURL(manage)
      await cancel(page)
      await page.goto(manage)
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('This booking is cancelled')
    })
  })
}

test('a time taken meanwhile is said, and what was typed is kept', async ({ browser }) => {
  const [slow, quick] = [await browser.newPage(), await browser.newPage()]
  for (const page of [slow, quick]) {
    await open(page)
    await choose(page, 1)
  }
  await fill(quick, 'Quick')
  await send(quick)
  await fill(slow, 'Slow')
  await send(slow)
  await expect(slow.getByRole('alert')).toContainText('Somebody else has just taken this time')
  await expect(slow.getByLabel('Name')).toHaveValue('Slow')
  await expect(slow.getByLabel('Anything to know beforehand?')).toHaveValue('Ring twice.\nThird floor.')
  await slow.getByRole('radio').first().check()
  await send(slow)
  await expect(slow.locator('.wrote')).toContainText('Slow')
  for (const page of [slow, quick]) {
    await cancel(page)
    await page.close()
  }
})

test('a mistake is named beside its field, and putting it right is enough', async ({ page }) => {
  await open(page)
  await choose(page)
  await fill(page)
  await page.getByLabel('E-mail').fill('ana.roy@example')
  await send(page)
  await expect(page.getByRole('alert')).toContainText('Please look at the marked fields')
  const email = page.getByLabel('E-mail')
  await expect(email).toHaveAttribute('aria-invalid', 'true')
  await expect(page.locator('#email-wrong')).toContainText('does not look like an e-mail address')
  await email.fill('ana.roy@example.org')
  await send(page)
  await expect(page).toHaveURL(/\/m\//)
  await cancel(page)
})

test('back from a booking whose form was refused first leads to the form, empty', async ({ page }) => {
  await open(page)
  await choose(page)
  await fill(page)
  await page.getByLabel('E-mail').fill('ana.roy@example')
  await send(page)
  await expect(page.getByRole('alert')).toContainText('Please look at the marked fields')
  await page.getByLabel('E-mail').fill('ana.roy@example.org')
  await send(page)
  await expect(page).toHaveURL(/\/m\//)
  const manage = page.url()
  await page.goBack()
  await expect(page.locator('form#book')).toBeVisible()
  const { searchParams } = new URL(page.url())
  expect(['type', 'start', 'tz', 'lang']).toEqual(expect.arrayContaining([...searchParams.keys()]))
  await expect(page.getByLabel('Name')).toHaveValue('')
  await page.goto(manage)
  await cancel(page)
})

test('a booked time leaves the page at once', async ({ page }) => {
  await open(page)
  await showDay(page)
  const before = await times(page).allTextContents()
  const time = before[0] ?? ''
  await times(page).first().click()
  await fill(page)
  await send(page)
  const manage = page.url()
  await open(page)
  await showDay(page)
  await expect(times(page).filter({ hasText: time })).toHaveCount(0)
  await page.goto(manage)
  await cancel(page)
  await open(page)
  await showDay(page)
  await expect(times(page).filter({ hasText: time })).toHaveCount(1)
})

test('times are shown in the zone of the browser, and another can be chosen', async ({ page }) => {
  await page.goto(`${address}?lang=en`)
  await expect(page.locator('.zone summary')).toContainText('Auckland time')
  await page.locator('.zone summary').click()
  await page.getByLabel('Time zone').selectOption('Asia/Kolkata')
  await page.getByRole('button', { name: 'Show times' }).click()
  await expect(page.locator('.zone summary')).toContainText('Kolkata time')
  await times(page).first().click()
  await expect(page.locator('.slip')).toContainText('Kolkata time')
})

test('the calendar file is offered and holds the booking', async ({ page, request }) => {
  await book(page)
  const link = page.getByRole('link', { name: 'Calendar file' })
  const file = await request.get(new URL((await link.getAttribute('href')) ?? '', page.url()).href)
  expect(file.headers()['content-type']).toContain('text/calendar')
  expect(await file.text()).toContain('BEGIN:VEVENT')
  for (const name of ['Google', 'Outlook']) {
    const href = await page.getByRole('link', { name, exact: true }).getAttribute('href')
    expect(href).not.toContain('/m/')
  }
  await cancel(page)
})
