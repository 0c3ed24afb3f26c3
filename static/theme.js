// Without a choice the system decides. Runs before the first paint; with scripts off the page is light.
if (document.documentElement.hasAttribute("data-theme-of-system")) {
  const dark = matchMedia("(prefers-color-scheme: dark)")
  const follow = () => document.documentElement.setAttribute("data-bs-theme", dark.matches ? "dark" : "light")
  dark.addEventListener("change", follow)
  follow()
}
