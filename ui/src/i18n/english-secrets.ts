// The window's words in English for where sign-ins are kept when no keyring answers.

export const secrets = {
  'secrets.keyring': 'in the system’s keyring',
  'secrets.passphrase': 'in a file behind your passphrase',
  'secrets.session_only': 'until Daymark stops',
  'secrets.missing': 'nowhere: no keyring answers',
  'secrets.locked': 'in a file that is locked',
  'remedy.secrets.missing': 'Choose where to keep them',
  'remedy.secrets.session_only': 'Keep them in a file',
  'remedy.secrets.locked': 'Unlock',
  'card.secrets_for_session_only': 'Sign-ins are kept only until Daymark stops.',
  'card.no_keyring':
    'No keyring answers on this computer, so sign-ins cannot be kept. Choose where to keep them, or start a keyring service and then Daymark again.',
  'card.secrets_locked':
    'Your sign-ins are locked. Until you unlock them nothing is synced; nothing is lost.',
  'problem.secrets_locked': 'Your sign-ins are locked. Unlock them, then try again.',
  'problem.wrong_passphrase':
    'This passphrase does not open the file, or the file is damaged. Nothing was changed: try again.',
  'problem.passphrase_too_short': 'A passphrase needs at least {limit} characters.',
  'problem.secrets_file': 'The file that keeps your sign-ins cannot be read or written: {reason}.',
  'keep.label': 'Where sign-ins are kept',
  'keep.nowhere': 'No keyring answers on this computer, so this cannot be kept yet.',
  'keep.where': 'Where should sign-ins be kept?',
  'keep.whereText': 'No keyring answers on this computer, and Daymark never keeps them in plain text.',
  'keep.file': 'In a file behind a passphrase',
  'keep.fileAbout': 'You type it whenever Daymark starts.',
  'keep.session': 'For this session only',
  'keep.sessionAbout': 'You sign in again whenever Daymark starts.',
  'keep.known':
    'What an earlier keyring holds moves along with neither: connected accounts ask you to sign in again, and your public page needs a new code. If your keyring only failed to start, start it and then Daymark again.',
  'keep.new': 'Choose a passphrase',
  'keep.newText':
    'It locks the file that keeps your sign-ins. Nobody can recover it: if you forget it, you sign in again everywhere.',
  'keep.moveText':
    'It locks the file that keeps your sign-ins; those of this session move there. Nobody can recover it: if you forget it, you sign in again everywhere.',
  'keep.passphrase': 'Passphrase',
  'keep.hint': 'At least {limit} characters; a few words are long and easy to remember.',
  'keep.again': 'The same once more',
  'keep.differs': 'This is not the same as above.',
  'keep.lock': 'Keep them there',
  'keep.unlock': 'Unlock your sign-ins',
  'keep.unlockText':
    'They are in a file behind your passphrase. Until it is open you see your schedule, but nothing is synced. Nothing is lost.',
  'keep.open': 'Unlock',
  'keep.later': 'Later',
  'keep.forgotten': 'Forgotten?',
  'keep.anew': 'Begin anew?',
  'keep.anewText':
    'The locked file is moved aside, not deleted. Your schedule and edits stay, but every account must be signed in again, and your public page needs a new code from its admin.',
  'keep.beginAnew': 'Begin anew',
  'keep.begun': 'A new file keeps your sign-ins',
  'keep.begunText':
    'The old one is called {name} now, and lies beside it in Daymark’s data folder. Sign your accounts in again in the settings.',
} as const
