/** The page `/docs`. Its addresses are relative, so that a proxy may put a prefix before all paths. */
export const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Token introspection</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="docs/swagger-ui.css">
    <script defer src="docs/swagger-ui-bundle.js"></script>
    <script type="module" src="docs/browser.js"></script>
  </head>
  <body>
    <div id="page"></div>
  </body>
</html>
`;

/** What the page may load and reach: this server, and the pictures within the style sheet. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const [SCRIPT, STYLE] = ['text/javascript; charset=utf-8', 'text/css; charset=utf-8'];

/** The files that the page loads, by name. */
export const PAGE_FILES: ReadonlyMap<string, { type: string; url: () => string }> = new Map([
  ['browser.js', { type: SCRIPT, url: () => import.meta.resolve('./browser.js') }],
  ['swagger-ui-bundle.js', { type: SCRIPT, url: () => swaggerUi('swagger-ui-bundle.js') }],
  ['swagger-ui.css', { type: STYLE, url: () => swaggerUi('swagger-ui.css') }],
]);

function swaggerUi(file: string): string {
  return import.meta.resolve(`swagger-ui-dist/${file}`);
}
