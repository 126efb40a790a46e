// The script of the page, which runs in a browser. What it uses of a browser is declared here, so that
// the server's own code finds no such names.
declare const location: URL;
declare const history: { replaceState(data: null, unused: '', url: string): void };
declare const SwaggerUIBundle: (options: object) => {
  preauthorizeBasic(scheme: string, user: string, password: string): void;
};

interface Form {
  schema: { properties: Record<'token', { example?: string }> };
}
interface Document {
  paths: Record<string, { post?: { requestBody: { content: Record<string, Form> } } }>;
}

/**
 * The demo's link gives `client_id`, `client_secret` and `token` behind the number sign, which a browser
 * sends to no server. They leave the address bar at once.
 */
const given = new URLSearchParams(location.hash.slice(1));
const [id, secret, token] = ['client_id', 'client_secret', 'token'].map((name) => given.get(name));
if (location.hash) history.replaceState(null, '', location.pathname);

const document = (await (await fetch('openapi.json')).json()) as Document;
if (token) prefill(document, token);

const ui = SwaggerUIBundle({
  spec: { ...document, servers: [{ url: new URL('.', location.href).href }] },
  dom_id: '#page',
  docExpansion: 'full',
  defaultModelsExpandDepth: -1,
  tryItOutEnabled: true,
  // A browser would ask for credentials itself when the answer is 401.
  requestInterceptor: (request: object) => Object.assign(request, { credentials: 'omit' }),
  onComplete: () => {
    if (id && secret) ui.preauthorizeBasic('basic', id, secret);
  },
});

function prefill({ paths }: Document, value: string): void {
  for (const { post } of Object.values(paths)) {
    for (const { schema } of Object.values(post?.requestBody.content ?? {})) {
      schema.properties.token.example = value;
    }
  }
}
