// The window's words in English for accounts: CalDAV, connection tests, files, and what an undo leaves.

export const accounts = {
  'caldav.title': 'Connect a CalDAV account',
  'caldav.text': 'The password is kept in this computer’s keyring and goes to your server alone.',
  'caldav.againText': 'Type the password of {address} as it is now. Everything else stays.',
  'caldav.server': 'Your calendars are at',
  'caldav.icloud': 'iCloud',
  'caldav.nextcloud': 'Nextcloud',
  'caldav.fastmail': 'Fastmail',
  'caldav.other': 'Elsewhere',
  'caldav.address': 'Address of the server',
  'caldav.addressOf.nextcloud': 'The one you open in the browser, such as cloud.example.org',
  'caldav.addressOf.other': 'As your provider gives it for CalDAV, or your mail address',
  'caldav.username': 'User name',
  'caldav.appleAccount': 'Mail address of your Apple Account',
  'caldav.password': 'Password',
  'caldav.appPassword': 'App password',
  'caldav.hint.icloud':
    'Apple takes no other one here. Make it at account.apple.com, under Sign-In and Security.',
  'caldav.hint.nextcloud': 'Make it in Nextcloud: Personal settings, Security, Devices and sessions.',
  'caldav.hint.fastmail': 'Make it in Fastmail: Settings, Privacy and Security.',
  'caldav.hint.other': 'Where the server offers app passwords, take one of those.',
  'caldav.connect': 'Connect',
  'caldav.looking': 'Looking for your calendars',
  'caldav.agreePlain': 'Connect without encryption',
  'caldav.agreeServer': 'Send it there',
  'problem.server_unreachable':
    '{server} does not answer. Check the address, and whether this computer is online.',
  'problem.server_unsafe':
    '{server} cannot prove who it is, so your password was not sent. Check the address and the date of this computer, or ask its admin about its certificate.',
  'export.save': 'Save as a file',
  'export.saveOf': 'Save {name} as a file',
  'export.saved': '{name} was saved',
  'export.savedAt': 'Saved as {place}',
  'problem.not_read_yet': 'This calendar has not been read to its end yet. Save it once it is.',
  'problem.file_not_saved': 'The file could not be saved: {reason}.',
  'test.open': 'Test connection',
  'test.title': 'Connection of {address}',
  'test.running': 'Trying it step by step',
  'test.well': 'Everything works.',
  'test.trouble': 'It stops at the step that is marked. What helps stands beside it.',
  'test.nothing': 'A file is read once; there is no connection to test.',
  'test.step.network': 'Reaching the server',
  'test.step.tls': 'Encryption',
  'test.step.token': 'Sign-in',
  'test.step.calendars': 'List of calendars',
  'test.step.read': 'Reading events',
  'test.step.write': 'Writing events',
  'test.outcome.passed': 'works',
  'test.outcome.failed': 'does not work',
  'test.outcome.skipped': 'not tried',
  'test.count': { one: '{n} calendar', other: '{n} calendars' },
  'test.finding.not_needed': 'Not needed here.',
  'test.finding.not_reached': 'A step before it failed.',
  'test.finding.unreachable':
    'Nobody answers. Check the network, and whether a firewall or proxy is in the way.',
  'test.finding.unsafe':
    'The server cannot prove who it is. Check the date of this computer, and whether a proxy or virus scanner reads along.',
  'test.finding.sign_in_needed': 'The sign-in is no longer accepted. Sign in again.',
  'test.finding.missing_scope':
    'Daymark was not allowed everything it needs. Sign in again and allow it all.',
  'test.finding.not_allowed':
    'The provider does not allow it. Ask your admin whether other apps may use this account.',
  'test.finding.too_often':
    'The provider asks for a rest. Daymark goes on by itself; try again in a few minutes.',
  'test.finding.provider_failing': 'The provider has trouble of its own. Daymark tries again by itself.',
  'test.finding.keyring_failing': 'The keyring does not give out the permission. Unlock it.',
  'test.finding.nothing_writable':
    'None of its calendars may be written. Sign in with an account that owns one.',
  'notUndone.undone_before': 'It was taken back before.',
  'notUndone.never_took_effect': 'It never took effect.',
  'notUndone.nothing_known': 'The journal does not say what stood before.',
  'notUndone.changed_since': 'It was changed again since.',
  'notUndone.occurrence_changed': 'One of its occurrences was changed again since.',
  'notUndone.gone': 'The event is no longer there.',
  'notUndone.still_there': 'The event is there already.',
  'notUndone.read_only': 'Its calendar can no longer be written.',
  'lost.invitation':
    'It comes back as an event of your own, without its people: the meeting was somebody else’s. Ask them to invite you again.',
  'lost.people': 'It comes back without its guests. Invite them again if they are to come.',
  'lost.answers': 'Its guests are invited anew, and have to answer again.',
  'lost.other_people': 'It comes back with some of its guests only: the provider does not name them all.',
  'lost.attachments': 'It comes back without its attachments: Microsoft keeps them with the deleted event.',
  'lost.meeting_link':
    'Its meeting link does not come back. Send the new one, if there is one, to whoever joins.',
  'lost.kind': 'It comes back as a plain event: only the provider makes events of its kind.',
  'lost.everything':
    'It comes back with its title, notes, place and time alone: what else the server had of it makes no sense.',
  'cut.invitation': 'The second half is an event of your own, without the people.',
  'cut.people': 'The second half is without the guests. Invite them again if they are to come.',
  'cut.answers': 'The guests of the second half are invited anew, and have to answer again.',
  'cut.other_people': 'The second half has some of the guests only: the provider does not name them all.',
  'cut.attachments': 'The second half is without the attachments: Microsoft does not copy them.',
  'cut.meeting_link':
    'The meeting link stays with the first half. Send the new one, if there is one, to whoever joins.',
  'cut.kind': 'The second half is a plain event: only the provider makes events of its kind.',
  'cut.everything':
    'The second half has its title, notes, place and time alone: what else the server has of it makes no sense.',
  'conflict.changedHere': 'Changed here {when}.',
  'conflict.deletedHere': 'Deleted here {when}.',
  'conflict.changedThere': 'Changed at {provider} {when}.',
  'conflict.deletedThere': 'Found deleted at {provider} {when}.',
  'leave.google': 'Daymark’s permission is given back to Google and deleted from this computer.',
  'leave.microsoft':
    'Daymark’s permission is deleted from this computer. Microsoft lists it until you remove it in your account there.',
  'leave.caldav': 'The password is deleted from this computer’s keyring.',
  'leave.feed': 'Its address stays in this computer’s keyring until then.',
  'leave.stranded': {
    one: '{n} copy that Daymark made stays on its calendars, because Daymark does not write to it any more.',
    other:
      '{n} copies that Daymark made stay on its calendars, because Daymark does not write to those any more.',
  },
  'leave.signedOut': {
    one: 'Its sign-in has ended, so {n} copy that Daymark made stays on its calendars. To have it removed, sign in again first.',
    other:
      'Its sign-in has ended, so {n} copies that Daymark made stay on its calendars. To have them removed, sign in again first.',
  },
  'leave.ownCopies': {
    one: 'Also remove the copy that Daymark made on its calendars',
    other: 'Also remove the {n} copies that Daymark made on its calendars',
  },
  'leave.bothCopies': 'Also remove Daymark’s copies: {elsewhere} on other calendars, {own} on its own',
  'leave.first': 'Those on its own calendars go first. Daymark keeps its sign-in until they are gone.',
  'account.kept': 'Kept here: {days}',
  'account.parting': {
    one: '{n} copy is removed, then {address} leaves',
    other: '{n} copies are removed, then {address} leaves',
  },
  'left.removing': {
    one: 'Removing {n} copy from its calendars, then it leaves',
    other: 'Removing {n} copies from its calendars, then it leaves',
  },
  'left.provider_unreachable': {
    one: 'Its provider cannot be reached. It leaves once {n} copy is removed from its calendars.',
    other: 'Its provider cannot be reached. It leaves once {n} copies are removed from its calendars.',
  },
  'left.sign_in_needed': {
    one: 'Its sign-in has ended, and {n} copy is still on its calendars. Bring it back to remove that, or leave at once.',
    other:
      'Its sign-in has ended, and {n} copies are still on its calendars. Bring it back to remove them, or leave at once.',
  },
  'left.atOnce': 'Leave at once',
  'left.atOnceOf': 'Leave {address} at once',
} as const
