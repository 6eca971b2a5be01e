// Cards of health: what they name, and that each button of theirs does something.

import type { Page } from '@playwright/test'
import { expect, expectAccessible, test } from './window'

const rail = (page: Page) => page.getByRole('complementary', { name: /Today|Aujourd/ })
const cardOf = (page: Page, text: string) => rail(page).locator('section.card', { hasText: text })

test('what could not be read is named with its title and its day', async ({ open }) => {
  const { page } = await open('aside')
  await expect(cardOf(page, 'Visit Singh')).toContainText(
    /“Visit Singh” on (March 12|12 March) could not be read and was set aside; everything else in Northcare/,
  )
  await expect(cardOf(page, 'Visit Singh')).toContainText(
    'visitors are offered nothing from its start to the end of that day. Open it at the provider',
  )
  const several = cardOf(page, 'Early shift')
  await expect(several).toContainText(
    /“Early shift” on .*, “Late shift”, an event on .*2027.*,? and 2 more could/,
  )
  await expect(several).toContainText('import the file again')
  await expect(several).not.toContainText('visitors')
  await expect(cardOf(page, 'Fixtures')).toContainText('2 events in Fixtures could not be read')
  await expect(cardOf(page, 'Fixtures')).toContainText('visitors may be offered their times')
  const once = cardOf(page, 'Moon watch')
  await expect(once).toContainText('In Visits it stands once, at its first time. Give it another rule')
  await expect(once).not.toContainText('set aside')
  await expectAccessible(page)
})

test('what could not be read is named in French too', async ({ open }) => {
  const { page } = await open('aside french dark')
  await expect(cardOf(page, 'Visit Singh')).toContainText(/«.Visit Singh.» le 12 mars est illisible/)
  await expect(cardOf(page, 'Early shift')).toContainText(
    /un évènement du 8 janvier 2027 et 2 autres sont illisibles/,
  )
  await expectAccessible(page)
})

test('a card about a file offers to import it again, and can be dismissed', async ({ open }) => {
  const { page } = await open('aside')
  const card = cardOf(page, 'Early shift')
  await card.getByRole('button', { name: 'Import the file again' }).click()
  await expect(page.getByRole('dialog').getByText('Choose a file').first()).toBeVisible()
  await page.keyboard.press('Escape')
  await card.getByRole('button', { name: 'Dismiss' }).click()
  await expect(card).toHaveCount(0)
  await expect(cardOf(page, 'Visit Singh')).toBeVisible()
})

test('a refused write can be tried again or taken back', async ({ open }) => {
  const { page } = await open('')
  const card = cardOf(page, 'Stair-lift survey')
  await expect(card.getByRole('button', { name: 'Take the change back' })).toBeVisible()
  await card.getByRole('button', { name: 'Try again' }).click()
  await expect(card).toHaveCount(0)
})

test('a visit that the calendar refused is not called confirmed until it is in the calendar', async ({
  open,
}) => {
  const { page } = await open('unbooked', 'bookings')
  const visit = page.getByRole('article').filter({ hasText: 'Noor Haddad' })
  await expect(visit).toContainText('Accepted')
  await expect(visit).toContainText('the calendar refused it. You need to have writer access.')
  await expectAccessible(page)
  await visit.getByRole('button', { name: 'Try again' }).click()
  await expect(visit).toContainText('Confirmed')
  await expect(visit).not.toContainText('refused')
})

for (const [traits, said] of [
  ['calm light', 'Not in your calendar yet: it waits until all your calendars are read.'],
  [
    'calm light french',
    'Pas encore dans votre calendrier\u00a0: en attente de la lecture de tous vos calendriers.',
  ],
] as const)
  test(`a promised visit says that it is not in the calendar yet: ${traits}`, async ({ open }) => {
    const { page } = await open(traits, 'bookings')
    const visit = (name: string) => page.getByRole('article').filter({ hasText: name })
    await expect(visit('Noor Haddad').getByText(said, { exact: true })).toBeVisible()
    await expect(visit('P. Singh')).not.toContainText(/Not in your|Pas encore/)
    await expectAccessible(page)
  })

test('what a provider said itself is quoted in a French window', async ({ open }) => {
  const { page } = await open('unbooked light french', 'bookings')
  const said = /Réponse\s: «\sYou need to have writer access\.\s»/
  await expect(page.getByRole('article').filter({ hasText: 'Noor Haddad' })).toContainText(said)
  await page.keyboard.press('3')
  await expect(page.getByRole('listitem').filter({ hasText: 'Stair-lift survey' })).toContainText(
    /Réponse\s: «\s/,
  )
})

test('Activity says from when to when a time was changed, its end too', async ({ open }) => {
  const { page } = await open('', 'activity')
  const entry = page.getByRole('listitem').filter({ hasText: 'Route review' })
  await expect(entry).toContainText(/09:00 – 10:00 → .*09:00 – 10:30/)
})

for (const [traits, cancelled, moved] of [
  [
    'untold light',
    'Cancelled by you — Noor Haddad does not know yet. Tell them.',
    'Moved by you — T. Brandt does not know yet. Tell them.',
  ],
  [
    'untold light french',
    'Annulée par vous — Noor Haddad ne le sait pas encore. Prévenez cette personne.',
    'Déplacée par vous — T. Brandt ne le sait pas encore. Prévenez cette personne.',
  ],
] as const)
  test(`a visit that its owner took away is not told as the visitor’s own cancellation: ${traits}`, async ({
    open,
  }) => {
    const { page } = await open(traits, 'bookings')
    const visit = (name: string) => page.getByRole('article').filter({ hasText: name })
    await expect(visit('Noor Haddad')).toContainText(cancelled)
    await expect(visit('T. Brandt')).toContainText(moved)
    await expect(visit('L. Moreau')).not.toContainText(/by you|par vous/)
    await expectAccessible(page)
  })

test('giving up a visit that the calendar refused says first that its visitor would not know', async ({
  open,
}) => {
  const { page } = await open('unbooked light')
  const card = cardOf(page, 'Noor Haddad')
  const undone: string[] = []
  page.on('request', (request) => {
    if (request.postData()?.includes('"undo"')) undone.push(request.url())
  })
  await card.getByRole('button', { name: 'Give up this visit' }).click()
  const question = page.getByRole('dialog', { name: 'Remove “Noor Haddad: Home assessment”?' })
  await expect(question).toContainText('Noor Haddad booked this and would not know. Tell them.')
  await expect(question).toContainText('haddad@example.org')
  await expectAccessible(page)
  await question.getByRole('button', { name: 'Cancel' }).click()
  await expect(question).toHaveCount(0)
  expect(undone).toEqual([])
  await card.getByRole('button', { name: 'Give up this visit' }).click()
  await question.getByRole('button', { name: 'Remove the visit' }).click()
  await expect(question).toHaveCount(0)
  await expect.poll(() => undone.length).toBe(1)
})

test('what a visitor booked is undone in Activity only once that is asked, in French too', async ({
  open,
}) => {
  const { page } = await open('light french', 'activity')
  const entry = page.getByRole('listitem').filter({ hasText: 'P. Singh: Home assessment' })
  await entry.getByRole('button').click()
  const question = page.getByRole('dialog', { name: 'Retirer « P. Singh: Home assessment » ?' })
  await expect(question).toContainText('P. Singh a réservé cette visite et n’en saurait rien.')
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await expect(question).toHaveCount(0)
  await page.getByRole('listitem').filter({ hasText: 'Repairs, depot' }).getByRole('button').click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
})

for (const [traits, name, text, agree] of [
  [
    'light',
    'Put “L. Moreau: Home assessment” back?',
    'L. Moreau cancelled this and would not know that it stands again. Tell them.',
    'Put the visit back',
  ],
  [
    'light french',
    'Remettre «@L. Moreau: Home assessment@»@?'.replaceAll('@', '\u00a0'),
    'L. Moreau a annulé cette visite et ne saurait pas qu’elle a lieu de nouveau. Prévenez cette personne.',
    'Remettre la visite',
  ],
] as const)
  test(`what a visitor cancelled is put back only once that is asked: ${traits}`, async ({ open }) => {
    const { page } = await open(traits, 'activity')
    const undone: string[] = []
    page.on('request', (request) => {
      if (request.postData()?.includes('"undo"')) undone.push(request.url())
    })
    const entry = page.getByRole('listitem').filter({ hasText: 'L. Moreau: Home assessment' })
    await entry.getByRole('button').click()
    const question = page.getByRole('dialog', { name, exact: true })
    await expect(question).toContainText(text)
    await expect(question).toContainText('moreau@example.org')
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await expect(question).toHaveCount(0)
    expect(undone).toEqual([])
    await entry.getByRole('button').click()
    await question.getByRole('button', { name: agree }).click()
    await expect.poll(() => undone.length).toBe(1)
  })

for (const [traits, address] of [
  ['first keyless light', ''],
  ['keyless light', 'settings'],
] as const)
  test(`a keyring that is not there is named once, with what helps: ${traits}`, async ({ open }) => {
    const { page } = await open(traits, address)
    await expect(page.getByText('No keyring answers on this computer')).toHaveCount(1)
    await expect(page.getByRole('alert')).toContainText(
      'Choose where to keep them, or start a keyring service and then Daymark again.',
    )
    await expectAccessible(page)
  })
