// The window's words in French for copies of busy times, the journal's runs, the brake, and taking things back.

import type { copies as english } from './english-copies'

type Plural = { readonly one: string; readonly other: string }

export const copies: {
  readonly [K in keyof typeof english]: (typeof english)[K] extends string ? string : Plural
} = {
  'copy.from': 'de {calendar}',
  'copy.of': 'Copie d’une heure occupée de {calendar}',
  'copy.ofTitle': 'Copie de « {title} » de {calendar}',
  'copy.busyOn': 'Occupé dans {calendars}',
  'copy.source': 'Original',
  'copy.copies': 'Copies',
  'copy.follows': 'Elle suit son original.',

  'calendar.kept': 'Gardé ici',
  'calendar.shown': 'Affiché',
  'calendar.busy': 'Rend occupé',
  'calendar.copies': 'Reçoit des copies',
  'calendar.keepOf': 'Garder {name} ici',
  'calendar.showOf': 'Afficher {name}',
  'calendar.copiesOf': '{name} reçoit les copies des heures occupées',
  'calendar.moreOf': 'Plus sur {name}',
  'calendar.readOnly': 'Ce calendrier est en lecture seule : il ne reçoit pas de copies.',
  'calendar.noneYet': 'Ses calendriers ne sont pas encore connus.',
  'calendar.says': 'Ce que disent ses copies',
  'calendar.saysOf': 'Ce que disent les copies dans {name}',
  'calendar.noCopies': 'Il ne reçoit pas de copies des heures occupées des autres calendriers.',
  'calendar.blocks': 'Ce qui en est copié',
  'calendar.notBusy': 'Il ne vous rend pas occupé : rien n’en est copié.',
  'calendar.ignoredWhy': 'Ce qui ne bloque rien est libre, refusé, ou exclu par les choix ci-dessus.',
  'privacy.busy': '« Busy » seul',
  'privacy.title': 'Titre',
  'privacy.all': 'Tout',
  'privacy.busyAbout': 'On voit que vous êtes occupé, rien d’autre.',
  'privacy.titleAbout': 'On voit le titre. Les évènements privés restent « Busy ».',
  'privacy.allAbout': 'Titre, lieu et notes, jamais les personnes. Les évènements privés restent « Busy ».',
  'filter.all_day': 'Les journées entières',
  'filter.tentative': 'Les évènements provisoires',
  'filter.free': 'Aussi ceux affichés comme libres',
  'filter.hours_only': 'Seulement dans mes heures de travail',
  'sync.ignored': { one: '{n} ne bloque rien', other: '{n} ne bloquent rien' },

  'settings.copies': 'Copies des heures occupées',
  'settings.copiesText':
    'Occupé dans un calendrier, bloqué dans les autres : chacun reçoit une copie qui suit son original.',
  'copies.reach': 'Jusqu’où vont les copies',
  'copies.days': { one: '{n} jour', other: '{n} jours' },
  'copies.none': 'Aucun calendrier ne reçoit de copies. Cochez « Reçoit des copies » ci-dessus.',
  'copies.from': {
    one: 'De {n} calendrier qui vous rend occupé',
    other: 'De {n} calendriers qui vous rendent occupé',
  },
  'copies.to': { one: 'à {n} qui reçoit des copies.', other: 'à {n} qui reçoivent des copies.' },
  'copies.remove': 'Retirer toutes les copies…',

  'command.held': 'Examiner ce qui est retenu',
  'command.removeCopies': 'Retirer toutes les copies des heures occupées',
  'command.removeEverything': 'Retirer tout ce que Daymark a écrit',

  'run.you': 'Vos modifications',
  'run.booking': 'Réservations',
  'run.block': 'Copies des heures occupées',
  'run.undo': 'Annulation',
  'run.removal': 'Retrait',
  'run.created': { one: '{n} ajout', other: '{n} ajouts' },
  'run.changed': { one: '{n} modification', other: '{n} modifications' },
  'run.deleted': { one: '{n} suppression', other: '{n} suppressions' },
  'run.refused': { one: '{n} refus', other: '{n} refus' },
  'run.waiting': { one: '{n} en attente', other: '{n} en attente' },
  'run.undone': { one: '{n} annulé', other: '{n} annulés' },
  'run.undoAll': 'Tout annuler',
  'run.undoAllOf': 'Tout annuler : {what}, {time}',
  'run.more': { one: 'Encore {n}', other: 'Encore {n}' },
  'run.takenBack': { one: '{n} modification annulée.', other: '{n} modifications annulées.' },
  'run.stays': { one: '{n} modification reste', other: '{n} modifications restent' },

  'held.title': 'Retenu',
  'held.wouldDelete': { one: 'Supprimer {n} copie ?', other: 'Supprimer {n} copies ?' },
  'held.text':
    'Tant de copies ont perdu leur original d’un coup que Daymark demande d’abord. Un calendrier a peut-être été mal lu, ou vidé par erreur.',
  'held.since': 'Retenu depuis {when} ; rien n’est supprimé avant votre décision.',
  'held.leaveText': 'Celles que vous laissez restent tant que leur original ne bouge pas.',
  'held.later': 'Pas maintenant',
  'held.drop': 'Les laisser',
  'held.release': { one: 'Supprimer {n} copie', other: 'Supprimer {n} copies' },
  'held.changed':
    'Vos calendriers ont changé pendant que vous regardiez. Rien n’a été supprimé ; voici où on en est.',
  'held.released': { one: 'Suppression de {n} copie en cours', other: 'Suppression de {n} copies en cours' },
  'held.dropped': { one: '{n} copie reste', other: '{n} copies restent' },
  'held.settled': 'Rien n’est retenu',
  'held.settledText': 'La décision a été prise ailleurs, ou les originaux sont revenus.',

  'removal.open': 'Retirer ce qui a été écrit…',
  'removal.title': 'Retirer ce que Daymark a écrit',
  'removal.text': 'Vous voyez tout avant que rien ne se passe, et l’activité permet d’annuler.',
  'removal.copies': 'Retirer toutes les copies des heures occupées',
  'removal.copiesAbout': 'Vos propres évènements restent. Ensuite, aucun calendrier ne reçoit de copies.',
  'removal.copiesText':
    'Ces copies se reconnaissent à leur marque, même faites par une autre installation. Vos propres évènements restent ; ensuite, aucun calendrier ne reçoit de copies.',
  'removal.copiesNothing': 'Aucun calendrier ne contient de copie de Daymark.',
  'removal.copiesDone': {
    one: '{n} copie est en cours de retrait. Aucun calendrier ne reçoit plus de copies.',
    other: '{n} copies sont en cours de retrait. Aucun calendrier ne reçoit plus de copies.',
  },
  'removal.everything': 'Retirer tout ce que Daymark a écrit',
  'removal.everythingAbout':
    'Ce qui a été créé ici est supprimé, ce qui a été modifié redevient comme avant.',
  'removal.everythingText':
    'Les évènements créés ici sont supprimés, les vôtres comme ceux de vos visiteurs. Les autres redeviennent comme avant. Ensuite, aucun calendrier ne reçoit de copies.',
  'removal.everythingNothing': 'Rien de ce que Daymark a écrit ne se trouve dans vos calendriers.',
  'removal.everythingDone': {
    one: '{n} évènement redevient comme avant. Aucun calendrier ne reçoit plus de copies.',
    other: '{n} évènements redeviennent comme avant. Aucun calendrier ne reçoit plus de copies.',
  },
  'removal.looking': 'Lecture de vos calendriers',
  'removal.nothing': 'Rien à retirer',
  'removal.deletes': { one: '{n} évènement est supprimé', other: '{n} évènements sont supprimés' },
  'removal.restores': {
    one: '{n} évènement retrouve ce que Daymark a modifié',
    other: '{n} évènements retrouvent ce que Daymark a modifié',
  },
  'removal.cannot': { one: '{n} évènement reste tel quel', other: '{n} évènements restent tels quels' },
  'removal.left': {
    one: '{n} copie a été modifiée depuis par quelqu’un, et reste.',
    other: '{n} copies ont été modifiées depuis par quelqu’un, et restent.',
  },
  'removal.unread': {
    one: '{calendars} est illisible pour l’instant. On ne sait pas ce qui s’y trouve, et cela y reste.',
    other: '{calendars} sont illisibles pour l’instant. On ne sait pas ce qui s’y trouve, et cela y reste.',
  },
  'removal.changed':
    'Vos calendriers ont changé pendant que vous regardiez. Rien n’a été retiré ; voici où on en est.',
  'removal.sure': 'J’ai regardé la liste',
  'removal.confirm': { one: 'Retirer {n}', other: 'Retirer {n}' },
  'removal.done': 'Retrait en cours',
  'removal.seeActivity': 'Voir dans l’activité',
  'stays.changed_since': 'quelqu’un l’a modifié depuis',
  'stays.read_only': 'son calendrier n’est plus modifiable',
}
