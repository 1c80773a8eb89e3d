// These pages show fictional bookings: the site itself replaces the service. Runs before the widget, which is a module.
for (const element of document.querySelectorAll("somo-pay[data-here]")) element.setAttribute("service", location.origin);

// `labels` is only a property: sentences for every language, or a new language. Missing sentences are shown in English.
const labels = {
  "own-words": { pay: "Give {amount} with M-Pesa", payTitle: "Give to the library" },
  french: {
    fr: { name: "Français", locale: "fr-FR", payTitle: "Payer avec M-Pesa", pay: "Payer {amount} avec M-Pesa", phone: "Numéro M-Pesa" },
  },
};
for (const element of document.querySelectorAll("somo-pay[data-labels]")) element.labels = labels[element.dataset.labels];
