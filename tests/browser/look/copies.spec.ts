// Copies of busy times: on the schedule, in the settings, held back by the brake, and taken away.

import type { Locator, Page } from '@playwright/test'
import { eventOf, expect, expectAccessible, test } from './window'

const blocks = (page: Page) => page.locator('.ec-event.block')

/** The least contrast of an element's colour against any of these. */
const contrast = (element: Locator, ...against: string[]) =>
  element.evaluate((node, names) => {
    const seen = (value: string) => {
      const probe = document.createElement('i')
      probe.style.color = value
      node.append(probe)
      const [r = 0, g = 0, b = 0] = (getComputedStyle(probe).color.match(/[\d.]+/g) ?? []).map(Number)
      probe.remove()
      const part = (channel: number) =>
        channel / 255 <= 0.04045 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4
      return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b)
    }
    const own = seen(getComputedStyle(node).color)
    const ratios = names.map((name) => {
      const [high, low] = [own, seen(`var(${name})`)].sort((a, b) => b - a)
      return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05)
    })
    return Math.min(...ratios)
  }, against)

for (const theme of ['light', 'dark']) {
  test(`a copy is hatched, can be read, and is quieter than an event, ${theme}`, async ({ open }) => {
    const { page } = await open(`${theme} calm`)
    const copy = blocks(page).filter({ hasText: 'from Family' }).nth(1)
    await expect(copy).toHaveCSS('background-image', /repeating-linear-gradient/)
    for (const part of ['.title', '.sub']) {
      expect(await contrast(copy.locator(part).first(), '--paper', '--hatch')).toBeGreaterThan(4.5)
    }
    const loud = await contrast(eventOf(page, 'Repairs, depot').locator('.title'), '--s')
    expect(await contrast(copy.locator('.title'), '--paper')).toBeLessThan(loud)
  })

  test(`what is held back and what can be removed can be read by everyone, ${theme}`, async ({ open }) => {
    const { page } = await open(`${theme} held`)
    await page.getByRole('button', { name: 'Look at it' }).click()
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Visits/ })
      .click()
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await page.keyboard.press('3')
    await page.getByRole('button', { name: /^Copies of busy times/ }).click()
    await expect(page.getByText('Copy added: School pick-up')).toBeVisible()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Remove what was written…' }).click()
    await expectAccessible(page)
    await page.getByRole('button', { name: /^Remove everything/ }).click()
    await page.getByRole('button', { name: /stay as they are/ }).click()
    await page.getByRole('button', { name: /gets back what/ }).click()
    await page.getByRole('button', { name: /^Northcare/ }).click()
    await expectAccessible(page)
  })

  test(`a calendar’s finer choices can be read by everyone, ${theme}`, async ({ open }) => {
    const { page } = await open(`${theme} calm`, 'settings')
    for (const name of ['Northcare', 'Maya', 'Holidays in Canada']) {
      await page.getByRole('button', { name: `More about ${name}` }).click()
    }
    await expectAccessible(page)
  })
}

test('a copy names its source on the grid, on hover, on focus and at a click', async ({ open }) => {
  const { page } = await open('calm')
  const pickUp = blocks(page).filter({ hasText: 'School pick-up' })
  const words = pickUp.locator('.hint')
  await expect(words).toBeHidden()
  await pickUp.hover()
  await expect(words).toContainText('Copy of “School pick-up” in Family')
  await page.keyboard.press('Escape')
  await expect(words).toBeHidden()
  await page.mouse.move(0, 0)
  // The keyboard comes to it from the event before it.
  await eventOf(page, 'Stair-lift survey').getByRole('button').focus()
  await page.keyboard.press('Tab')
  await expect(pickUp.getByRole('button')).toBeFocused()
  await expect(words).toBeVisible()
  await page.keyboard.press('Enter')
  const detail = page.getByRole('dialog', { name: 'School pick-up' })
  await expect(detail).toContainText('Copy of “School pick-up” in Family')
  await expect(detail).toContainText('It follows its original.')
  await expect(detail.getByRole('button', { name: 'Edit' })).toHaveCount(0)
  await expectAccessible(page)
  await page.keyboard.press('e')
  await expect(page.getByRole('dialog', { name: 'Edit event' })).toHaveCount(0)
})

test('an original in sight tells where it blocks; out of sight its copies stand as one', async ({ open }) => {
  const { page } = await open('calm')
  const sidebar = page.getByRole('complementary', {
    name: 'Views and calendars',
  })
  const ofMaya = blocks(page).filter({ hasText: 'from Maya' })
  await expect(eventOf(page, 'Dentist')).toContainText('Busy on Northcare, Partner clinic')
  await expect(ofMaya).toHaveCount(0)
  await sidebar.getByRole('checkbox', { name: /^Maya/ }).uncheck()
  await expect(ofMaya).toHaveCount(1)
  await ofMaya.click()
  await expect(page.getByRole('dialog', { name: 'Busy' })).toContainText('Busy on Partner clinic')
  await expect(page.getByRole('dialog', { name: 'Busy' })).toContainText('Copy of a busy time in Maya')
})

test('the agenda and the rail tell copies from visits', async ({ open }) => {
  const { page } = await open('calm', 'schedule/agenda')
  const busy = page.locator('li.block', { hasText: 'Busy' }).first()
  await expect(busy).toContainText('Copy of a busy time in Family')
  const rail = page.getByRole('complementary', { name: 'Today' })
  await expect(rail.locator('li.block')).toHaveCount(0)
  await expect(rail).toContainText('2 visits')
  await page.getByRole('checkbox', { name: /^Maya/ }).uncheck()
  await expect(rail.locator('li.block')).toContainText('from Maya')
  await expect(rail).toContainText('2 visits')
})

test('a calendar is kept, shown, busy and given copies by a tick each, and the finer choices are kept', async ({
  open,
}) => {
  const { page } = await open('calm', 'settings')
  await page.getByRole('checkbox', { name: 'Maya gets copies of busy times' }).check()
  await page.getByRole('checkbox', { name: 'Show Family' }).check()
  await page.getByRole('button', { name: 'More about Maya' }).click()
  await expect(page.getByText('231 events · 12 block nothing · synced 11:41 · next 11:46')).toBeVisible()
  await page.getByRole('radio', { name: 'Title' }).check()
  await expect(page.getByText('Others see what it is called.')).toBeVisible()
  await page.getByLabel('Only within my working hours').check()
  const saved = page.waitForResponse(
    (answer) => answer.request().postData()?.includes('"block_days":180') === true,
  )
  await page.getByLabel('How far ahead copies reach').selectOption('180 days')
  await saved
  await page.reload()
  await expect(page.getByRole('checkbox', { name: 'Maya gets copies of busy times' })).toBeChecked()
  await expect(page.getByRole('checkbox', { name: 'Show Family' })).toBeChecked()
  await page.getByRole('button', { name: 'More about Maya' }).click()
  await expect(page.getByRole('radio', { name: 'Title' })).toBeChecked()
  await expect(page.getByLabel('Only within my working hours')).toBeChecked()
  await expect(page.getByLabel('How far ahead copies reach')).toHaveValue('180 days')
})

test('a calendar that is not kept offers nothing else, and one that can only be read gets no copies', async ({
  open,
}) => {
  const { page } = await open('calm', 'settings')
  await expect(page.getByRole('checkbox', { name: 'Keep Old rota here' })).not.toBeChecked()
  await expect(page.getByRole('checkbox', { name: 'Show Old rota' })).toHaveCount(0)
  await expect(page.getByRole('checkbox', { name: 'Show Holidays in Canada' })).toBeChecked()
  await expect(page.getByRole('checkbox', { name: 'Holidays in Canada gets copies' })).toHaveCount(0)
})

test('what was written together is one line, opens to its writes, and is taken back as one', async ({
  open,
}) => {
  const { page } = await open('calm', 'activity')
  const run = page.getByRole('listitem').filter({
    has: page.getByRole('button', { name: /^Copies of busy times/ }),
  })
  await expect(run).toContainText('11:20 · 2 added · 2 changed · 1 deleted')
  await expect(run).toContainText('Sent')
  await run.getByRole('button', { name: /^Copies of busy times/ }).click()
  await expect(run.getByRole('listitem')).toHaveCount(5)
  await expect(run.getByRole('listitem').first()).toContainText('Copy added: School pick-up')
  const undo = run.getByRole('button', {
    name: 'Undo all of Copies of busy times, 11:20',
  })
  await undo.click()
  const left = page.getByRole('dialog', { name: '1 change stays' })
  await expect(left).toContainText('4 changes were taken back.')
  await expect(left).toContainText('It never took effect')
  await expectAccessible(page)
  await left.getByRole('button', { name: 'Close' }).click()
  await expect(undo).toBeFocused()
  await expect(run).toContainText('4 undone')
  await expect(page.getByText('Taken back', { exact: true })).toBeVisible()
})

test('a held run is looked at from its card and let go on', async ({ open }) => {
  const { page } = await open('calm held')
  const rail = page.getByRole('complementary', { name: 'Today' })
  await expect(rail).toContainText('Daymark would delete 25 copies at once')
  await expect(rail).toContainText('Northcare−14')
  await rail.getByRole('button', { name: 'Look at it' }).click()
  const dialog = page.getByRole('dialog', { name: 'Held back' })
  await dialog.getByRole('button', { name: 'Delete 25 copies' }).click()
  await expect(page.getByText('25 copies are being deleted')).toBeVisible()
  await expect(rail).not.toContainText('at once')
})

test('a held run that is left alone is gone', async ({ open }) => {
  const { page } = await open('calm held')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('held back')
  await page.keyboard.press('Enter')
  await page
    .getByRole('dialog', { name: 'Held back' })
    .getByRole('button', { name: 'Leave as they are' })
    .click()
  await expect(page.getByText('25 copies stay')).toBeVisible()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('held back')
  await expect(page.getByText('Nothing is called that.')).toBeVisible()
})

test('a held run that was decided elsewhere says so', async ({ open }) => {
  const { page, act } = await open('calm held')
  await page.getByRole('button', { name: 'Look at it' }).click()
  await expect(page.getByRole('dialog', { name: 'Held back' })).toContainText('Delete 25 copies?')
  await act({ act: 'set', fields: { held: [] } })
  await act({ act: 'notify', tags: ['health'] })
  await expect(page.getByRole('dialog', { name: 'Held back' })).toContainText('Nothing is held back')
})

test('a held run that changed meanwhile is shown anew before anything is deleted', async ({ open }) => {
  const { page, act } = await open('calm held')
  await page.getByRole('button', { name: 'Look at it' }).click()
  const dialog = page.getByRole('dialog', { name: 'Held back' })
  await expect(dialog).toContainText('Delete 25 copies?')
  await act({ act: 'set', fields: { salt: 1 } })
  await dialog.getByRole('button', { name: 'Delete 25 copies' }).click()
  await expect(dialog.getByRole('alert')).toContainText('changed while you looked')
  await expect(dialog).toContainText('Delete 21 copies?')
})

test('copies are removed only after they were listed, looked at and confirmed', async ({ open }) => {
  const { page, act } = await open('calm')
  await expect(blocks(page)).not.toHaveCount(0)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('remove all copies')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', {
    name: 'Remove all copies of busy times',
  })
  await expect(dialog).toContainText('9 events are deleted')
  await expect(dialog).toContainText('1 copy was changed by somebody since, and stays.')
  await dialog.getByRole('button', { name: /^Northcare/ }).click()
  await expect(dialog).toContainText('Mon, Mar 2, 16:00')
  await expect(dialog.getByRole('button', { name: 'Remove 9' })).toBeDisabled()
  await dialog.getByLabel('I have looked at the list').check()
  await act({ act: 'set', fields: { salt: 1 } })
  await dialog.getByRole('button', { name: 'Remove 9' }).click()
  await expect(dialog.getByRole('alert')).toContainText('Nothing was removed')
  await expect(dialog.getByRole('button', { name: 'Remove 9' })).toBeDisabled()
  await expectAccessible(page)
  await dialog.getByLabel('I have looked at the list').check()
  await dialog.getByRole('button', { name: 'Remove 9' }).click()
  await expect(dialog).toContainText('9 copies are on their way out')
  await dialog.getByRole('button', { name: 'See it in Activity' }).click()
  await expect(page.getByRole('button', { name: /^Removal/ })).toContainText('9 deleted')
  await page.keyboard.press('1')
  await expect(blocks(page)).toHaveCount(0)
})

test('everything that Daymark wrote is removed, and what stays is said with its reason', async ({ open }) => {
  const { page } = await open('calm', 'activity')
  await page.getByRole('button', { name: 'Remove what was written…' }).click()
  await page.getByRole('button', { name: /^Remove everything/ }).click()
  const dialog = page.getByRole('dialog', {
    name: 'Remove everything Daymark ever wrote',
  })
  await dialog.getByRole('button', { name: /stay as they are/ }).click()
  await expect(dialog).toContainText('somebody changed it again since')
  await expect(dialog).toContainText('its calendar can no longer be written')
  await dialog.getByRole('button', { name: /gets back what/ }).click()
  await expect(dialog).toContainText('Hand-over')
  await dialog.getByLabel('I have looked at the list').check()
  await dialog.getByRole('button', { name: /^Remove \d+/ }).click()
  await expect(dialog).toContainText('No calendar gets copies any more.')
  await dialog.getByRole('button', { name: 'Close' }).click()
  await expect(page.getByRole('button', { name: /^Remove what/ })).toBeFocused()
})

test('a removal with nothing to remove says so', async ({ open }) => {
  const { page } = await open('empty', 'activity')
  await page.getByRole('button', { name: 'Remove what was written…' }).click()
  await page.getByRole('button', { name: /^Remove all copies/ }).click()
  await expect(page.getByRole('dialog')).toContainText('No calendar holds a copy of Daymark’s.')
  await expectAccessible(page)
})

test('a removal that cannot look says why, and can be tried again', async ({ open }) => {
  const { page } = await open('troubled', 'settings')
  await page.getByRole('button', { name: 'Remove all copies…' }).click()
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('cannot use its own storage')
})
