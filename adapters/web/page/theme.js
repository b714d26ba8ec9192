// Before the first paint: the theme that was chosen here, if any. The rest is the style sheet's.
(() => {
  try {
    const chosen = localStorage.getItem("theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // a frame without storage: the system's theme stays
  }
})();
