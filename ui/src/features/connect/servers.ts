// The servers that people name by their name: where their calendars are, and what to know about the password.

export const SERVERS = ['icloud', 'nextcloud', 'fastmail', 'other'] as const
export type Server = (typeof SERVERS)[number]

/** Where the search begins; the others are typed. */
export const ADDRESSES: Partial<Record<Server, string>> = {
  icloud: 'caldav.icloud.com',
  fastmail: 'caldav.fastmail.com',
}
