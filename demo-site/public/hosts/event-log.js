// Logs every event of the element, newest first.
const log = document.querySelector("#log");
const started = performance.now();

for (const type of ["somopay-status", "payment-confirmed", "payment-failed", "somopay-booked", "somopay-open", "somopay-close"]) {
  document.addEventListener(type, ({ detail }) => {
    const line = document.createElement("li");
    const name = document.createElement("strong");
    name.textContent = `${((performance.now() - started) / 1000).toFixed(1)} s  ${type}`;
    const said = document.createElement("pre");
    said.textContent = JSON.stringify(detail, null, 1);
    line.append(name, said);
    log.prepend(line);
  });
}
