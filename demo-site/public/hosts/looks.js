// These pages show bookings that are not real: the site itself stands in for the service. Runs before the widget, which is a module.
for (const element of document.querySelectorAll("somo-pay[data-here]")) element.setAttribute("service", location.origin);
