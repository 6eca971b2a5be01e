// The window's words in English for sign-ins that came to nothing: what happened, and what helps.

export const signIn = {
  'connect.strange':
    'A page of another sign-in came back, and Daymark does not take it. Go on in the page that was opened for this one, or cancel and begin again.',
  'connect.byAdmin': 'The page does not let me go on',
  'connect.byAdminText':
    'If it says that your organisation does not allow Daymark, ask its administrator to allow this client id:',
  'connect.clientId': 'Client id',
  'problem.no_client_id':
    'No client id is set for {service}. An admin puts “client” under [{section}] into config.toml; the README tells under “Connect real accounts” where it comes from.',
  'problem.client_refused':
    '{service} does not accept Daymark’s client id ({client}) or its secret. An admin corrects “client” under [{section}] in config.toml; signing in again does not help.',
  'problem.api_off':
    'The {service} API is not switched on for Daymark’s client id. An admin opens the project of the client id in the Google Cloud console and enables it there, as the README tells under “Connect real accounts”; then try again.',
  'problem.sent_elsewhere':
    'The answer leads to another address, and Daymark does not follow. The network may want a sign-in of its own, or a proxy is on the way: open any web page, then try again.',
  'problem.sign_in_denied': 'The permission was not given. Try again, and allow it on the provider’s page.',
  'problem.sign_in_by_policy':
    'Your organisation lets only an administrator allow Daymark at {provider}. Ask them to allow the app with the client id {client}, then try again.',
  'problem.sign_in_embedded':
    '{provider} allows a sign-in only in a browser, not inside another app. Try again, and open the link in your browser.',
  'problem.sign_in_strange':
    'What came back from the browser belonged to another sign-in. Begin again here, and use the page that opens then.',
  'problem.sign_in_code_refused':
    '{provider} did not take back the answer that it gave; it may have been too old or used before. Try again, and finish without a pause. If it stays so, check this computer’s clock.',
  'problem.sign_in_refused':
    '{provider} refused the sign-in {said}. Try again; if it stays so, ask your administrator whether this account may be used with Daymark.',
  'problem.sign_in_malformed':
    '{provider} answered the sign-in with something that makes no sense. Try again; if it stays so, ask whether a proxy is on the way.',
  'problem.sign_in_timed_out': 'The sign-in took too long. Please start again.',
  'card.sign_in_by_policy':
    'Your organisation no longer lets {account} use Daymark. Ask its administrator to allow the client id {client}; nothing is lost.',
  'card.no_client_id':
    '{account} stands still: no client id is set for {service}. An admin puts “client” under [{section}] into config.toml, as the README tells; nothing is lost.',
  'card.client_refused':
    '{account} stands still: {service} does not accept the client id {client} or its secret. An admin corrects “client” under [{section}] in config.toml; nothing is lost.',
  'card.api_off':
    '{account} stands still: the {service} API is not switched on for Daymark’s client id. An admin opens the project of the client id in the Google Cloud console and enables it there, as the README tells; then try again. Nothing is lost.',
  'card.sent_elsewhere':
    '{account} cannot be reached: the answer leads to another address, and Daymark does not follow. The network may want a sign-in of its own, or a proxy is on the way. Open any web page to see; Daymark tries again by itself.',
  'card.answer_unreadable':
    'The provider of {account} sent an answer that was cut off or is not understood. Daymark tries again by itself.',
  'test.finding.api_off':
    'The provider’s API is not switched on for Daymark’s client id. An admin enables it in the project of the client id, then try again.',
  'test.finding.sent_elsewhere':
    'The answer leads to another address. The network may want a sign-in of its own: open any web page, then try again.',
  'test.finding.client_not_accepted':
    'Daymark has no client id for it, or one that the provider does not accept. An admin corrects “client” in config.toml.',
} as const
