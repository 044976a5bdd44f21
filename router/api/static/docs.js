// Shows the OpenAPI document of this server and sends GET requests to it.
// All text goes in as text nodes; nothing is fetched from anywhere else.
"use strict";

const byId = (id) => document.getElementById(id);

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// The address of the page may hold a login, which requests must not repeat.
const here = (path) => location.origin + path;

function authorization() {
  const key = byId("key").value.trim();
  return key ? { Authorization: `Bearer ${key}` } : {};
}

function operation(path, method, described) {
  const body = element("div", {});
  if (described.description) body.append(element("p", {}, described.description));
  if (described.parameters) {
    body.append(element("h3", {}, "Parameters"));
    body.append(rows(described.parameters.map((one) => [`${one.name} (${one.in})`, one.description])));
  }
  if (described.requestBody) {
    body.append(element("h3", {}, "Body"), contents(described.requestBody.content));
  }
  body.append(element("h3", {}, "Answers"));
  body.append(rows(Object.entries(described.responses).map(([status, answer]) => [status, answer.description])));
  body.append(contents(described.responses["200"].content));
  if (method === "get") body.append(trial(path, described.parameters || []));
  return element("details", {},
    element("summary", {},
      element("span", { class: `method ${method}` }, method.toUpperCase()),
      element("span", { class: "path" }, path),
      element("span", { class: "summary" }, described.summary)),
    body);
}

function rows(pairs) {
  return element("table", {}, ...pairs.map(([name, about]) =>
    element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, about || ""))));
}

function contents(content) {
  const list = element("p", {});
  for (const [media, { schema }] of Object.entries(content)) {
    const name = schema.$ref.split("/").pop();
    list.append(`${media}: `, element("a", { href: `#schema-${name}` }, name), " ");
  }
  return list;
}

function trial(path, parameters) {
  const form = element("form", { autocomplete: "off" });
  const inputs = parameters.filter((one) => one.in === "path").map((one) => {
    const id = `${path}-${one.name}`;
    const input = element("input", { id, required: "", spellcheck: "false" });
    form.append(element("label", { for: id }, one.name), input);
    return [one.name, input];
  });
  const button = element("button", { type: "submit" }, "Send");
  const output = element("pre", { hidden: "", tabindex: "0", "aria-live": "polite" });
  form.append(button, output);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    let url = path;
    for (const [name, input] of inputs) url = url.replace(`{${name}}`, encodeURIComponent(input.value));
    button.disabled = true;
    output.textContent = await sent(url);
    output.hidden = false;
    button.disabled = false;
  });
  return form;
}

async function sent(url) {
  try {
    const answer = await fetch(here(url), { headers: authorization() });
    return `${answer.status} ${answer.statusText}\n\n${pretty(await answer.text())}`;
  } catch (error) {
    return `The server did not answer. Is the app still running?\n\n${error.message}`;
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function show(description) {
  byId("title").textContent = `${description.info.title} ${description.info.version}`;
  byId("about").textContent = description.info.description;
  for (const { name } of description.tags) {
    byId("operations").append(element("h2", {}, name));
    for (const [path, methods] of Object.entries(description.paths)) {
      for (const [method, described] of Object.entries(methods)) {
        if (described.tags.includes(name)) byId("operations").append(operation(path, method, described));
      }
    }
  }
  byId("schemas").append(element("h2", {}, "Schemas"));
  for (const [name, schema] of Object.entries(description.components.schemas)) {
    byId("schemas").append(element("details", { id: `schema-${name}` },
      element("summary", {}, element("span", { class: "path" }, name)),
      element("div", {}, element("pre", { tabindex: "0" }, JSON.stringify(schema, null, 2)))));
  }
}

function openTarget() {
  const target = byId(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
}

async function load() {
  try {
    const answer = await fetch(here("/swagger/doc.json"));
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    show(await answer.json());
  } catch (error) {
    byId("problem").textContent = `The description could not be loaded: ${error.message}. Reload the page.`;
    byId("problem").hidden = false;
  }
  byId("operations").setAttribute("aria-busy", "false");
}

byId("login").addEventListener("submit", (event) => event.preventDefault());
window.addEventListener("hashchange", openTarget);
load();
