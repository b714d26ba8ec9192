// Shows /openapi.json with Swagger UI, and says whether the numbers are real.
"use strict";

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#endpoints",
  deepLinking: true,
  filter: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  defaultModelRendering: "example",
  validatorUrl: null, // the default asks another host to validate the document
});

fetch("health")
  .then((reply) => reply.json())
  .then((health) => {
    document.getElementById("sandbox").hidden = health.sandbox !== true;
  })
  .catch(() => {}); // the page is of use without it
