// A calendar that is saved as a file.

import { readFile } from 'node:fs/promises'
import { expect, test } from './window'

test('a calendar is saved as a file of its name', async ({ open }) => {
  const { page } = await open('calm', 'settings')
  await page.getByRole('button', { name: 'More about Northcare' }).click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save Northcare as a file' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('Northcare.ics')
  expect(await readFile(await download.path(), 'utf8')).toContain('BEGIN:VCALENDAR')
  await expect(page.getByText('Northcare was saved')).toBeVisible()
})

test('a calendar that is not read to its end is not saved, and says so', async ({ open }) => {
  const { page } = await open('fetching', 'settings')
  await page.getByRole('button', { name: 'More about Northcare' }).click()
  await page.getByRole('button', { name: 'Save Northcare as a file' }).click()
  await expect(page.getByText('has not been read to its end yet')).toBeVisible()
})
