// The fake's answers about where sign-ins are kept: one passphrase opens its file.

import { Refusal, type Part } from '../calls'
import type { World } from '../world'

type Calls = 'choose_secrets' | 'unlock_secrets' | 'replace_secrets'

export const PASSPHRASE = 'correct horse'

export const secretsAnswers = (world: World): Part<Calls> => ({
  choose_secrets: (choice) => world.keepSecrets(choice.kind === 'file' ? 'passphrase' : 'session_only'),
  unlock_secrets: ({ passphrase }) => {
    if (passphrase !== PASSPHRASE) throw new Refusal('wrong_passphrase')
    return world.keepSecrets('passphrase')
  },
  replace_secrets: () => {
    world.keepSecrets('passphrase')
    return { name: 'secrets.old-1' }
  },
})
