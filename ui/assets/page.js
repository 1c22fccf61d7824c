// What Streamlit leaves undone: announcing the answer, bringing an opened passage into view on a
// narrow screen, printing, and the few labels that it writes in English. No data leaves the page.
"use strict";
(() => {
  const LABELS = {
    "App pages": "Pages", "Link to heading": "Lien vers ce titre", "Copy to clipboard": "Copier",
    "Copied": "Copié", "Send message": "Envoyer la question", "Chat submit button": "Envoyer la question", "Close": "Fermer",
    "Open sidebar": "Ouvrir le menu", "Close sidebar": "Fermer le menu", "Main menu": "Menu",
    "Fullscreen": "Plein écran", "Clear all": "Tout retirer", "Logo": "Secret professionnel", "Select date": "Choisir une date",
    "open": "ouvrir", "Clear": "Effacer", "Select": "Choisir", "Search": "Chercher", "Download": "Télécharger",
  };
  const PARTS = { day: "jour", month: "mois", year: "année" }; // of a date
  const seen = new WeakMap();
  let scheduled = false;
  let wanted = 0; // timer: an opened passage is to be brought into view

  function french() {
    for (const part of document.querySelectorAll('[role="spinbutton"]')) {
      const text = part.firstChild;
      if (text?.nodeValue === "dd") text.nodeValue = "jj";
      if (text?.nodeValue === "yyyy") text.nodeValue = "aaaa";
      const [name, ...rest] = (part.getAttribute("aria-label") || "").split(", ");
      if (PARTS[name]) part.setAttribute("aria-label", [PARTS[name], ...rest].join(", "));
    }
    for (const name of ["aria-label", "title", "alt"]) {
      for (const element of document.querySelectorAll(`[${name}]`)) {
        const label = LABELS[element.getAttribute(name)];
        if (label) element.setAttribute(name, label);
      }
    }
    // A table that scrolls within itself must be reached by the keyboard.
    for (const element of document.querySelectorAll('.st-key-personnel [data-testid="stMarkdownContainer"]:has(> table)')) {
      element.tabIndex = 0;
    }
    for (const element of document.querySelectorAll('[aria-label^="Help for "]')) {
      element.setAttribute("aria-label", "Aide : " + element.getAttribute("aria-label").slice(9));
    }
    for (const element of document.querySelectorAll('[data-testid="stFileUploader"] button *')) {
      if (element.childElementCount === 0 && element.textContent === "Upload") element.textContent = "Choisir un fichier";
    }
  }

  function announce() {
    const line = document.querySelector('[class*="st-key-annonce-"]');
    const region = document.getElementById("annonce");
    if (!region) return;
    if (document.querySelector(".st-key-suggestions")) seen.delete(region); // begun anew
    if (!line) return;
    const text = line.innerText.trim();
    const which = [...line.classList].find((name) => name.startsWith("st-key-")) + text;
    if (text && seen.get(region) !== which) {
      seen.set(region, which);
      region.textContent = text;
      // A new answer is read from its top; what calls for help comes first.
      clearTimeout(wanted);
      wanted = 0;
      const top = document.querySelector(".st-key-urgence") || document.querySelector(".st-key-reponse");
      const narrow = matchMedia("(max-width: 640px)").matches;
      if (!top || (!narrow && top.getBoundingClientRect().top >= 64)) return;
      top.scrollIntoView({ block: "start" });
      setTimeout(() => { if (!wanted) top.scrollIntoView({ block: "start" }); }, 200); // once it is drawn
    }
  }

  function bringIntoView() {
    const target = document.querySelector('[class*="st-key-cible-"]');
    if (target && !seen.has(target)) {
      seen.set(target, true);
      setTimeout(() => target.scrollIntoView({ block: "start" }), 150);
    }
    if (wanted) wait(150); // still being drawn
  }

  function wait(delay) {
    clearTimeout(wanted);
    wanted = setTimeout(() => {
      wanted = 0;
      if (!window.matchMedia("(max-width: 640px)").matches) return;
      document.querySelector(".st-key-volet")?.scrollIntoView({ block: "start" });
    }, delay);
  }

  function update() {
    scheduled = false;
    french();
    announce();
    bringIntoView();
  }

  new MutationObserver(() => {
    if (!scheduled) {
      scheduled = true;
      requestAnimationFrame(update);
    }
  }).observe(document.documentElement, { childList: true, subtree: true, characterData: true });

  document.addEventListener("click", (event) => {
    const element = event.target instanceof Element ? event.target : null;
    if (!element) return;
    if (element.closest(".st-key-imprimer button")) window.print();
    if (element.closest(".st-key-retour button")) {
      document.querySelector(".st-key-reponse")?.scrollIntoView({ block: "start" });
    }
    if (element.closest('[class*="st-key-renvoi-"] button, [class*="st-key-liste-"] button, .st-key-pas-volet button')) {
      wait(500);
    }
  });
})();
