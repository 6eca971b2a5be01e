// The window's words in French for accounts at a CalDAV server.

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
} as const
