// The window's words in French for sign-ins that came to nothing: what happened, and what helps.

import type { signIn as english } from './english-sign-in'

export const signIn: Record<keyof typeof english, string> = {
  'connect.strange':
    'La page d’une autre connexion est revenue, et Daymark ne la prend pas. Continuez dans la page ouverte pour celle-ci, ou annulez et recommencez.',
  'connect.byAdmin': 'La page ne me laisse pas continuer',
  'connect.byAdminText':
    'Si elle dit que votre organisation n’autorise pas Daymark, demandez à son administrateur d’autoriser cet identifiant client :',
  'connect.clientId': 'Identifiant client',
  'problem.no_client_id':
    'Aucun identifiant client n’est défini pour {service}. Un administrateur inscrit « client » sous [{section}] dans config.toml ; le README explique sous « Connect real accounts » d’où il vient.',
  'problem.client_refused':
    '{service} n’accepte pas l’identifiant client de Daymark ({client}) ou son secret. Un administrateur corrige « client » sous [{section}] dans config.toml ; se reconnecter n’y change rien.',
  'problem.api_off':
    'L’API {service} n’est pas activée pour l’identifiant client de Daymark. Un administrateur ouvre le projet de cet identifiant dans la console Google Cloud et l’y active, comme l’explique le README sous « Connect real accounts » ; réessayez ensuite.',
  'problem.sent_elsewhere':
    'La réponse mène à une autre adresse, et Daymark ne la suit pas. Le réseau demande peut-être sa propre connexion, ou un proxy est sur le chemin : ouvrez une page web, puis réessayez.',
  'problem.sign_in_denied':
    'La permission n’a pas été donnée. Recommencez, et acceptez dans la page du fournisseur.',
  'problem.sign_in_by_policy':
    'Chez {provider}, seul un administrateur de votre organisation peut autoriser Daymark. Demandez-lui d’autoriser l’application dont l’identifiant client est {client}, puis réessayez.',
  'problem.sign_in_embedded':
    '{provider} n’accepte une connexion que dans un navigateur, pas dans une autre application. Recommencez, et ouvrez le lien dans votre navigateur.',
  'problem.sign_in_strange':
    'Ce qui est revenu du navigateur était d’une autre connexion. Recommencez ici, et utilisez la page qui s’ouvre alors.',
  'problem.sign_in_code_refused':
    '{provider} n’a pas repris la réponse qu’il avait donnée ; elle était peut-être trop vieille ou déjà utilisée. Recommencez sans faire de pause. Si cela persiste, vérifiez l’horloge de cet ordinateur.',
  'problem.sign_in_refused':
    '{provider} a refusé la connexion {said}. Réessayez ; si cela persiste, demandez à votre administrateur si ce compte peut servir avec Daymark.',
  'problem.sign_in_malformed':
    '{provider} a répondu à la connexion par quelque chose d’incompréhensible. Réessayez ; si cela persiste, demandez si un proxy est sur le chemin.',
  'problem.sign_in_timed_out': 'La connexion a pris trop de temps. Recommencez.',
  'card.sign_in_by_policy':
    'Votre organisation ne laisse plus {account} utiliser Daymark. Demandez à son administrateur d’autoriser l’identifiant client {client} ; rien n’est perdu.',
  'card.no_client_id':
    '{account} est à l’arrêt : aucun identifiant client n’est défini pour {service}. Un administrateur inscrit « client » sous [{section}] dans config.toml, comme l’explique le README ; rien n’est perdu.',
  'card.client_refused':
    '{account} est à l’arrêt : {service} n’accepte pas l’identifiant client {client} ou son secret. Un administrateur corrige « client » sous [{section}] dans config.toml ; rien n’est perdu.',
  'card.api_off':
    '{account} est à l’arrêt : l’API {service} n’est pas activée pour l’identifiant client de Daymark. Un administrateur ouvre le projet de cet identifiant dans la console Google Cloud et l’y active, comme l’explique le README ; réessayez ensuite. Rien n’est perdu.',
  'card.sent_elsewhere':
    '{account} est injoignable : la réponse mène à une autre adresse, et Daymark ne la suit pas. Le réseau demande peut-être sa propre connexion, ou un proxy est sur le chemin. Ouvrez une page web pour le voir ; Daymark réessaie tout seul.',
  'card.answer_unreadable':
    'Le fournisseur de {account} a envoyé une réponse coupée ou incompréhensible. Daymark réessaie tout seul.',
  'test.finding.api_off':
    'L’API du fournisseur n’est pas activée pour l’identifiant client de Daymark. Un administrateur l’active dans le projet de cet identifiant ; réessayez ensuite.',
  'test.finding.sent_elsewhere':
    'La réponse mène à une autre adresse. Le réseau demande peut-être sa propre connexion : ouvrez une page web, puis réessayez.',
  'test.finding.client_not_accepted':
    'Daymark n’a pas d’identifiant client pour lui, ou le fournisseur ne l’accepte pas. Un administrateur corrige « client » dans config.toml.',
}
