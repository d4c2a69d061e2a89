// The plain page: sends one operation to the path it was served from.
const $ = (id) => document.getElementById(id);
const form = $("operation");

async function send() {
  const variables = $("variables").value.trim();
  const authorization = $("authorization").value.trim();
  const headers = {
    "Content-Type": "application/json",
    Accept: "application/graphql-response+json, application/json;q=0.9",
  };
  if (authorization) headers.Authorization = authorization;
  const body = { query: $("query").value };
  if (variables) body.variables = JSON.parse(variables);
  const started = performance.now();
  const response = await fetch(location.pathname, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const ms = Math.round(performance.now() - started);
  $("status").textContent = `${response.status} · ${ms} ms`;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // a proxy's error page, say: shown as it came
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  $("status").textContent = "…";
  try {
    $("result").textContent = await send();
  } catch (error) {
    $("status").textContent = "not sent";
    $("result").textContent = String(error);
  }
});

form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
