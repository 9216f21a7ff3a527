// Starts the interactive API page without inline code. The page loads the two swagger files first:
// <div id="swagger-ui" data-spec-url="/api/openapi.json"></div>
const root = document.getElementById("swagger-ui");
if (root) window.SwaggerUIBundle({ url: root.dataset.specUrl, domNode: root, deepLinking: true, validatorUrl: null });
