// These pages show bookings that are not real: the site itself stands in for the service. Runs before the widget, which is a module.
for (const element of document.querySelectorAll("somo-pay[data-here]")) element.setAttribute("service", location.origin);

// Words can only be a property: some sentences for every language, or a language of one's own. What is left out is said in English.
const labels = {
  "own-words": { pay: "Give {amount} with M-Pesa", payTitle: "Give to the library" },
  french: {
    fr: { name: "Français", locale: "fr-FR", payTitle: "Payer avec M-Pesa", pay: "Payer {amount} avec M-Pesa", phone: "Numéro M-Pesa" },
  },
};
for (const element of document.querySelectorAll("somo-pay[data-labels]")) element.labels = labels[element.dataset.labels];
