// The window's words in French for accounts: CalDAV, connection tests, files, and what an undo leaves.

export const accounts = {
  'caldav.title': 'Connecter un compte CalDAV',
  'caldav.text': 'Le mot de passe reste dans le trousseau de cet ordinateur et ne va qu’à votre serveur.',
  'caldav.againText': 'Saisissez le mot de passe actuel de {address}. Tout le reste demeure.',
  'caldav.server': 'Vos calendriers sont chez',
  'caldav.icloud': 'iCloud',
  'caldav.nextcloud': 'Nextcloud',
  'caldav.fastmail': 'Fastmail',
  'caldav.other': 'Ailleurs',
  'caldav.address': 'Adresse du serveur',
  'caldav.addressOf.nextcloud': 'Celle que vous ouvrez dans le navigateur, comme cloud.example.org',
  'caldav.addressOf.other': 'Celle que votre fournisseur indique pour CalDAV, ou votre adresse e-mail',
  'caldav.username': 'Nom d’utilisateur',
  'caldav.appleAccount': 'Adresse e-mail de votre compte Apple',
  'caldav.password': 'Mot de passe',
  'caldav.appPassword': 'Mot de passe d’application',
  'caldav.hint.icloud':
    'Apple n’en accepte pas d’autre ici. Créez-le sur account.apple.com, sous Connexion et sécurité.',
  'caldav.hint.nextcloud':
    'Créez-le dans Nextcloud : Paramètres personnels, Sécurité, Appareils et sessions.',
  'caldav.hint.fastmail': 'Créez-le dans Fastmail : Paramètres, Confidentialité et sécurité.',
  'caldav.hint.other': 'Si le serveur propose des mots de passe d’application, prenez-en un.',
  'caldav.connect': 'Connecter',
  'caldav.looking': 'Recherche de vos calendriers',
  'caldav.agreePlain': 'Connecter sans chiffrement',
  'caldav.agreeServer': 'L’envoyer là-bas',
  'problem.server_unreachable':
    '{server} ne répond pas. Vérifiez l’adresse, et que cet ordinateur est en ligne.',
  'problem.server_unsafe':
    '{server} ne peut pas prouver son identité : votre mot de passe n’a pas été envoyé. Vérifiez l’adresse et la date de cet ordinateur, ou demandez à son administrateur ce qu’il en est de son certificat.',
  'export.save': 'Enregistrer en fichier',
  'export.saveOf': 'Enregistrer {name} en fichier',
  'export.saved': '{name} est enregistré',
  'export.savedAt': 'Enregistré sous {place}',
  'problem.not_read_yet': 'Ce calendrier n’est pas encore lu jusqu’au bout. Enregistrez-le quand il le sera.',
  'problem.file_not_saved': 'Le fichier n’a pas pu être enregistré : {reason}.',
  'test.open': 'Tester la connexion',
  'test.title': 'Connexion de {address}',
  'test.running': 'Essai étape par étape',
  'test.well': 'Tout fonctionne.',
  'test.trouble': 'Cela s’arrête à l’étape marquée. Le remède est indiqué à côté.',
  'test.nothing': 'Un fichier est lu une fois ; il n’y a pas de connexion à tester.',
  'test.step.network': 'Accès au serveur',
  'test.step.tls': 'Chiffrement',
  'test.step.token': 'Connexion au compte',
  'test.step.calendars': 'Liste des calendriers',
  'test.step.read': 'Lecture des évènements',
  'test.step.write': 'Écriture des évènements',
  'test.outcome.passed': 'fonctionne',
  'test.outcome.failed': 'ne fonctionne pas',
  'test.outcome.skipped': 'pas essayé',
  'test.count': { one: '{n} calendrier', other: '{n} calendriers' },
  'test.finding.not_needed': 'Inutile ici.',
  'test.finding.not_reached': 'Une étape précédente a échoué.',
  'test.finding.unreachable':
    'Personne ne répond. Vérifiez le réseau, et si un pare-feu ou un proxy fait obstacle.',
  'test.finding.unsafe':
    'Le serveur ne peut pas prouver son identité. Vérifiez la date de cet ordinateur, et si un proxy ou un antivirus lit les échanges.',
  'test.finding.sign_in_needed': 'L’accès n’est plus accepté. Reconnectez-vous.',
  'test.finding.missing_scope':
    'Daymark n’a pas reçu tous les droits nécessaires. Reconnectez-vous et accordez-les tous.',
  'test.finding.not_allowed':
    'Le fournisseur ne le permet pas. Demandez à votre administrateur si d’autres applications ont accès à ce compte.',
  'test.finding.too_often':
    'Le fournisseur demande une pause. Daymark continue tout seul ; réessayez dans quelques minutes.',
  'test.finding.provider_failing': 'Le fournisseur a lui-même un problème. Daymark réessaie tout seul.',
  'test.finding.keyring_failing': 'Le trousseau ne donne pas l’autorisation. Déverrouillez-le.',
  'test.finding.nothing_writable':
    'Aucun de ses calendriers n’est modifiable. Connectez-vous avec un compte qui en possède un.',
  'notUndone.undone_before': 'Cela a déjà été annulé.',
  'notUndone.never_took_effect': 'Cela n’a jamais pris effet.',
  'notUndone.nothing_known': 'Le journal ne dit pas ce qu’il y avait avant.',
  'notUndone.changed_since': 'Cela a été modifié depuis.',
  'notUndone.occurrence_changed': 'Une de ses occurrences a été modifiée depuis.',
  'notUndone.gone': 'L’évènement n’existe plus.',
  'notUndone.still_there': 'L’évènement est déjà là.',
  'notUndone.read_only': 'Son calendrier n’est plus modifiable.',
  'lost.invitation':
    'L’évènement revient comme l’un des vôtres, sans ses participants : c’était la réunion de quelqu’un d’autre. Demandez-lui de vous inviter de nouveau.',
  'lost.people': 'L’évènement revient sans ses invités. Invitez-les de nouveau s’ils doivent venir.',
  'lost.answers': 'Ses invités sont invités de nouveau et doivent répondre encore une fois.',
  'lost.other_people':
    'L’évènement revient avec une partie seulement de ses invités : le fournisseur ne les nomme pas tous.',
  'lost.attachments':
    'L’évènement revient sans ses pièces jointes : Microsoft les garde avec l’évènement supprimé.',
  'lost.meeting_link':
    'Son lien de réunion ne revient pas. Envoyez le nouveau, s’il y en a un, à ceux qui participent.',
  'lost.kind': 'L’évènement revient comme un évènement simple : seul le fournisseur crée ceux de son genre.',
  'lost.everything':
    'L’évènement revient avec son titre, ses notes, son lieu et son heure seulement : le reste de ce qu’avait le serveur est illisible.',
  'cut.invitation': 'La seconde moitié est un évènement à vous, sans les participants.',
  'cut.people': 'La seconde moitié est sans les invités. Invitez-les de nouveau s’ils doivent venir.',
  'cut.answers':
    'Les invités de la seconde moitié sont invités de nouveau et doivent répondre encore une fois.',
  'cut.other_people':
    'La seconde moitié n’a qu’une partie des invités : le fournisseur ne les nomme pas tous.',
  'cut.attachments': 'La seconde moitié est sans les pièces jointes : Microsoft ne les copie pas.',
  'cut.meeting_link':
    'Le lien de réunion reste avec la première moitié. Envoyez le nouveau, s’il y en a un, à ceux qui participent.',
  'cut.kind': 'La seconde moitié est un évènement simple : seul le fournisseur crée ceux de son genre.',
  'cut.everything':
    'La seconde moitié n’a que son titre, ses notes, son lieu et son heure : le reste de ce qu’a le serveur est illisible.',
  'conflict.changedHere': 'Modifié ici {when}.',
  'conflict.deletedHere': 'Supprimé ici {when}.',
  'conflict.changedThere': 'Modifié chez {provider} {when}.',
  'conflict.deletedThere': 'Constaté supprimé chez {provider} {when}.',
  'leave.google': 'L’autorisation de Daymark est rendue à Google et supprimée de cet ordinateur.',
  'leave.microsoft':
    'L’autorisation de Daymark est supprimée de cet ordinateur. Microsoft la liste jusqu’à ce que vous l’y retiriez dans votre compte.',
  'leave.caldav': 'Le mot de passe est supprimé du trousseau de cet ordinateur.',
  'leave.feed': 'Son adresse reste dans le trousseau de cet ordinateur jusque-là.',
  'leave.stranded': {
    one: '{n} copie faite par Daymark reste dans ses calendriers, car Daymark n’y écrit plus.',
    other: '{n} copies faites par Daymark restent dans ses calendriers, car Daymark n’y écrit plus.',
  },
  'leave.signedOut': {
    one: 'Sa connexion a pris fin : {n} copie faite par Daymark reste dans ses calendriers. Pour la retirer, reconnectez-vous d’abord.',
    other:
      'Sa connexion a pris fin : {n} copies faites par Daymark restent dans ses calendriers. Pour les retirer, reconnectez-vous d’abord.',
  },
  'leave.ownCopies': {
    one: 'Retirer aussi la copie faite par Daymark dans ses calendriers',
    other: 'Retirer aussi les {n} copies faites par Daymark dans ses calendriers',
  },
  'leave.bothCopies':
    'Retirer aussi les copies de Daymark : {elsewhere} dans d’autres calendriers, {own} dans les siens',
  'leave.first':
    'Celles de ses propres calendriers partent d’abord. Daymark garde sa connexion jusqu’à leur départ.',
  'account.kept': 'Gardé ici : {days}',
  'account.parting': {
    one: '{n} copie est retirée, puis {address} s’en va',
    other: '{n} copies sont retirées, puis {address} s’en va',
  },
  'left.removing': {
    one: 'Retrait de {n} copie de ses calendriers, puis il s’en va',
    other: 'Retrait de {n} copies de ses calendriers, puis il s’en va',
  },
  'left.provider_unreachable': {
    one: 'Son fournisseur ne répond pas. Il s’en ira une fois {n} copie retirée de ses calendriers.',
    other: 'Son fournisseur ne répond pas. Il s’en ira une fois {n} copies retirées de ses calendriers.',
  },
  'left.sign_in_needed': {
    one: 'Sa connexion a pris fin, et {n} copie reste dans ses calendriers. Faites-le revenir pour la retirer, ou quittez-le tout de suite.',
    other:
      'Sa connexion a pris fin, et {n} copies restent dans ses calendriers. Faites-le revenir pour les retirer, ou quittez-le tout de suite.',
  },
  'left.atOnce': 'Quitter tout de suite',
  'left.atOnceOf': 'Quitter {address} tout de suite',
} as const
