// What HTML cannot say: where the focus goes, that a request failed, one-key shortcuts.

const find = (selector, within = document) => within.querySelector(selector)
const all = (selector, within = document) => [...within.querySelectorAll(selector)]
const visible = (element) => element && element.offsetParent !== null

// Focus: a new page is read out from its heading. The same page, filtered or sorted, leaves the focus where it is.

let shownPath = location.pathname

document.addEventListener("htmx:after:swap", (event) => {
  const ctx = event.detail.ctx
  clearAlert(ctx)
  const main = find("#main")
  if (ctx.select !== "#main" || !main) return
  const path = new URL(ctx.response.raw.url).pathname
  const moved = path !== shownPath
  shownPath = path
  if (find("[autofocus]", main) || (!moved && main.contains(document.activeElement))) return
  const heading = find("h1", main) || main
  heading.tabIndex = -1
  heading.focus({ preventScroll: true })
  if (moved) scrollTo(0, 0)
})
addEventListener("popstate", () => { shownPath = location.pathname })

// Failures: a server error is not swapped in, silence would look like success.

function showAlert(kind) {
  const region = find("#alert")
  const note = document.createElement("p")
  note.className = "note t-bad mt-3"
  note.textContent = region.dataset[kind]
  region.replaceChildren(note)
}

function clearAlert(ctx) {
  if (!ctx.response || ctx.response.status < 400) find("#alert").replaceChildren()
}

document.addEventListener("htmx:response:error", (event) => {
  if (event.detail.ctx.response.status >= 500) showAlert("failed")
})
document.addEventListener("htmx:error", () => showAlert("offline"))

// Theme: without a cookie the server cannot know that the system is dark.

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-form]")) return
  const present = document.documentElement.getAttribute("data-bs-theme")
  find("button[name=theme]", event.target).value = present === "dark" ? "light" : "dark"
}, true)

// Menus made of <details> close on Escape and when something else is clicked.

document.addEventListener("click", (event) => {
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false
})
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && find("details.menu[open]")
  if (!menu) return
  menu.open = false
  find("summary", menu).focus()
})

// Panels below rows: a second click on the status closes what the first one fetched.

const panelOf = (link) => find(`#${link.dataset.panel}`)?.firstElementChild

function markPanels() {
  for (const link of all("[data-panel][aria-expanded]")) link.setAttribute("aria-expanded", Boolean(panelOf(link)))
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-panel]")
  if (!link || !panelOf(link) || event.ctrlKey || event.metaKey) return
  event.preventDefault()
  event.stopPropagation()
  find(`#${link.dataset.panel}`).replaceChildren()
  markPanels()
  find(`a[data-panel="${link.dataset.panel}"]`)?.focus()
}, true)
document.addEventListener("htmx:after:settle", markPanels)

// Shortcuts: single keys outside of fields, off by a switch in their list (WCAG 2.1.4).

const rows = () => all("tr[data-order-id]").filter(visible)
const currentRow = () => find("tr.cur[data-order-id]")

function moveRow(distance) {
  const list = rows()
  if (!list.length) return
  const from = list.indexOf(currentRow())
  const next = list[Math.min(Math.max(from + distance, 0), list.length - 1)]
  currentRow()?.classList.remove("cur")
  next.classList.add("cur")
  const link = find("a, button", find("th", next) || next)
  link?.focus({ preventScroll: true })
  next.scrollIntoView({ block: "nearest" })
}

function showKeys() {
  find("#keys-on").checked = localStorage.getItem("keys") !== "off"
  find("#keys").showModal()
}

const shortcuts = {
  "/": () => find("#search")?.focus(),
  j: () => moveRow(1),
  k: () => moveRow(-1),
  s: () => currentRow() && find('form[action$="/start"] button', currentRow())?.click(),
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !find("#keys") || find("dialog[open]")) return
  if (event.target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea")) return
  if (event.key === "?") return showKeys()
  const act = localStorage.getItem("keys") === "off" ? null : shortcuts[event.key]
  if (!act) return
  event.preventDefault()
  act()
})

document.addEventListener("change", (event) => {
  if (event.target.id === "keys-on") localStorage.setItem("keys", event.target.checked ? "on" : "off")
})
