// What was begun to be written and not sent yet. It is kept in this tab, so that neither a broken connection, an expired
// token, a closed dialog nor a reloaded page loses it; it goes when it was sent, and when the officer leaves.

const PREFIX = "wenming.draft:";
const inHand = new Map(); // of what may not be stored

// Keep `words` about something; what is `secret` only as long as the page is not reloaded.
export function keep(about, words, secret = false) {
  if (secret) inHand.set(about, words);
  else sessionStorage.setItem(PREFIX + about, JSON.stringify(words));
}

export const kept = (about) => inHand.get(about) || JSON.parse(sessionStorage.getItem(PREFIX + about) || "null");

export function forget(about) {
  inHand.delete(about);
  sessionStorage.removeItem(PREFIX + about);
}

export function forgetAll() {
  inHand.clear();
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
}
