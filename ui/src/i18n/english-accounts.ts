// The window's words in English for accounts at a CalDAV server.

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
} as const
