/** A browser as far as signing in needs one: it keeps cookies by host, and goes where it is sent. */
export interface Visited {
  url: string;
  status: number;
  headers: Headers;
  text: string;
}

export class Browser {
  readonly #jar = new Map<string, Map<string, string>>();
  /** Hosts that only exist in tests, and where they are. */
  readonly #hosts: Readonly<Record<string, string>>;

  constructor(hosts: Readonly<Record<string, string>> = {}) {
    this.#hosts = hosts;
  }

  /** Goes to an address, and on to wherever that leads. */
  async go(address: string, init: RequestInit = {}): Promise<Visited> {
    let visited = await this.ask(address, init);
    for (let redirects = 0; redirects < 12; redirects += 1) {
      const next = visited.headers.get('location');
      if (next === null) return visited;
      visited = await this.ask(new URL(next, visited.url).href);
    }
    throw new Error(`${address} leads round in circles`);
  }

  /** Asks for one address; what it redirects to is not asked for. */
  async ask(address: string, init: RequestInit = {}): Promise<Visited> {
    const url = new URL(address);
    const cookies = this.#jar.get(url.host) ?? new Map<string, string>();
    this.#jar.set(url.host, cookies);
    const headers = new Headers(init.headers);
    if (cookies.size > 0) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    const at = this.#hosts[url.host];
    const real = at === undefined ? url.href : `${at}${url.pathname}${url.search}`;
    const response = await fetch(real, { ...init, headers, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return { url: url.href, status: response.status, headers: response.headers, text: await response.text() };
  }

  /** Sends the form of a page that has been asked for, as it stands there but for `fields`. */
  async submit(page: Visited, action: string, fields: Record<string, string> = {}): Promise<Visited> {
    const form = page.text.split('<form').find((part) => part.includes(`action="${action}"`)) ?? '';
    const hidden = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
    const given = Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')]));
    return await this.ask(new URL(action, page.url).href, {
      method: 'POST',
      body: new URLSearchParams({ ...given, ...fields }),
    });
  }

  /** The value of a cookie. */
  cookie(address: string, name: string): string | undefined {
    return this.#jar.get(new URL(address).host)?.get(name);
  }

  setCookie(address: string, name: string, value: string): void {
    const { host } = new URL(address);
    this.#jar.set(host, (this.#jar.get(host) ?? new Map<string, string>()).set(name, value));
  }
}
