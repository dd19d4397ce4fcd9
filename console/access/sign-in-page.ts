import { addressOf } from '../page/address.ts';
import { html, type Markup } from '../page/html.ts';
import { barePage } from '../page/layout.ts';

export interface SignInPage {
  /** Of the browser, see `browser.ts`. */
  csrf: string;
  /** Where to go afterwards. */
  to: string;
  /** What went wrong the last time. */
  fault?: string | undefined;
  /** What is to be known before: that a session has ended. */
  notice?: string | undefined;
  /** As it was typed the last time. */
  name?: string | undefined;
  hasAccounts: boolean;
  /** What the identity provider is called; undefined when there is none. */
  provider?: string | undefined;
  /** A link can be had in the terminal. */
  canShowLink: boolean;
}

/** Where somebody signs in: with an account, at the identity provider, or in `dev` by a link. */
export function signInPage(shown: SignInPage): Markup {
  const { fault, notice } = shown;
  return barePage(
    'Sign in',
    html`<h1>Sign in to Kickoff</h1>
${notice !== undefined && html`<p class="answer busy" role="status">${notice}</p>\n`}${fault !== undefined && html`<p class="answer alert" role="alert" id="fault">${fault}</p>\n`}${providerLink(shown)}${accountForm(shown)}${noAccount(shown)}${newLinkForm(shown)}`,
  );
}

function providerLink({ provider, to }: SignInPage): Markup | undefined {
  if (provider === undefined) return undefined;
  // A link, not a form: the content security policy lets no form lead to another site.
  return html`<p><a class="button" href="${addressOf('/sign-in/oidc', { to })}">Sign in with ${provider}</a></p>\n`;
}

function accountForm({ csrf, to, hasAccounts, name, fault, provider }: SignInPage): Markup | undefined {
  if (!hasAccounts) return undefined;
  const described = fault !== undefined && html` aria-describedby="fault" aria-invalid="true"`;
  return html`${provider !== undefined && html`<h2>With an account of this console</h2>\n`}<form class="sign-in" method="post" action="/sign-in">
<input type="hidden" name="csrf" value="${csrf}">
<input type="hidden" name="to" value="${to}">
<p><label for="name">Name</label><br>
<input id="name" name="name" value="${name}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="100" required${described}></p>
<p><label for="password">Password</label><br>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="400" required${described}></p>
<p><button type="submit">Sign in</button></p>
</form>
<p class="quiet">Forgotten it? Whoever runs this server sets a new one: <code>kickoff console users password &lt;name&gt;</code></p>
`;
}

function noAccount({ hasAccounts, provider, canShowLink }: SignInPage): Markup | undefined {
  if (hasAccounts || provider !== undefined || canShowLink) return undefined;
  return html`<p>Nobody has an account here yet. Whoever runs this server makes the first one there:</p>
<p><code>kickoff console users add &lt;name&gt; --role operator</code></p>
<p>Or, to look around without an account, a link that can be used once:</p>
<p><code>kickoff console link --role viewer</code></p>
`;
}

function newLinkForm({ canShowLink, csrf, hasAccounts }: SignInPage): Markup | undefined {
  if (!canShowLink) return undefined;
  return html`${hasAccounts && html`<h2>Without an account</h2>\n`}<p>The terminal in which <code>kickoff</code> was started shows a link that signs you in. It can be used once, within a quarter of an hour.</p>
<form method="post" action="/sign-in/new-link">
<input type="hidden" name="csrf" value="${csrf}">
<p><button type="submit">Show a new link in the terminal</button></p>
</form>
`;
}
