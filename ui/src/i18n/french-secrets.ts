// The window's words in French for where sign-ins are kept when no keyring answers.

import type { secrets as english } from './english-secrets'

export const secrets: Record<keyof typeof english, string> = {
  'secrets.keyring': 'dans le trousseau du système',
  'secrets.passphrase': 'dans un fichier protégé par votre phrase secrète',
  'secrets.session_only': 'jusqu’à l’arrêt de Daymark',
  'secrets.missing': 'nulle part : aucun trousseau ne répond',
  'secrets.locked': 'dans un fichier verrouillé',
  'remedy.secrets.missing': 'Choisir où les garder',
  'remedy.secrets.session_only': 'Les garder dans un fichier',
  'remedy.secrets.locked': 'Déverrouiller',
  'card.secrets_for_session_only': 'Les connexions ne sont gardées que jusqu’à l’arrêt de Daymark.',
  'card.no_keyring':
    'Aucun trousseau ne répond sur cet ordinateur : les connexions ne peuvent pas être gardées. Choisissez où les garder, ou démarrez un service de trousseau puis relancez Daymark.',
  'card.secrets_locked':
    'Vos connexions sont verrouillées. D’ici à leur déverrouillage, rien n’est synchronisé ; rien n’est perdu.',
  'problem.secrets_locked': 'Vos connexions sont verrouillées. Déverrouillez-les, puis réessayez.',
  'problem.wrong_passphrase':
    'Cette phrase secrète n’ouvre pas le fichier, ou le fichier est endommagé. Rien n’a changé : réessayez.',
  'problem.passphrase_too_short': 'Une phrase secrète compte au moins {limit} caractères.',
  'problem.secrets_file': 'Le fichier qui garde vos connexions ne peut pas être lu ou écrit : {reason}.',
  'keep.label': 'Où sont gardées les connexions',
  'keep.nowhere': 'Aucun trousseau ne répond sur cet ordinateur : ceci ne peut pas encore être gardé.',
  'keep.where': 'Où garder les connexions ?',
  'keep.whereText': 'Aucun trousseau ne répond sur cet ordinateur, et Daymark ne les garde jamais en clair.',
  'keep.file': 'Dans un fichier protégé par une phrase secrète',
  'keep.fileAbout': 'Vous la tapez à chaque démarrage de Daymark.',
  'keep.session': 'Pour cette session seulement',
  'keep.sessionAbout': 'Vous vous reconnectez à chaque démarrage de Daymark.',
  'keep.known':
    'Dans les deux cas, le contenu d’un ancien trousseau ne suit pas : les comptes connectés demandent une nouvelle connexion, et votre page publique un nouveau code. Si votre trousseau n’a simplement pas démarré, démarrez-le puis relancez Daymark.',
  'keep.new': 'Choisissez une phrase secrète',
  'keep.newText':
    'Elle verrouille le fichier qui garde vos connexions. Personne ne peut la retrouver : si vous l’oubliez, il faut tout reconnecter.',
  'keep.moveText':
    'Elle verrouille le fichier qui garde vos connexions ; celles de cette session y passent. Personne ne peut la retrouver : si vous l’oubliez, il faut tout reconnecter.',
  'keep.passphrase': 'Phrase secrète',
  'keep.hint': 'Au moins {limit} caractères ; quelques mots sont longs et faciles à retenir.',
  'keep.again': 'La même encore une fois',
  'keep.differs': 'Ce n’est pas la même que ci-dessus.',
  'keep.lock': 'Les garder là',
  'keep.unlock': 'Déverrouillez vos connexions',
  'keep.unlockText':
    'Elles sont dans un fichier protégé par votre phrase secrète. Tant qu’il est fermé, vous voyez votre agenda ; rien n’est synchronisé, et rien n’est perdu.',
  'keep.open': 'Déverrouiller',
  'keep.later': 'Plus tard',
  'keep.forgotten': 'Oubliée ?',
  'keep.anew': 'Tout recommencer ?',
  'keep.anewText':
    'Le fichier verrouillé est mis de côté, pas supprimé. Votre agenda et vos modifications restent, mais chaque compte doit être reconnecté, et votre page publique demande un nouveau code à son administrateur.',
  'keep.beginAnew': 'Recommencer',
  'keep.begun': 'Un nouveau fichier garde vos connexions',
  'keep.begunText':
    'L’ancien s’appelle désormais {name}, à côté du nouveau dans le dossier de données de Daymark. Reconnectez vos comptes dans les réglages.',
}
