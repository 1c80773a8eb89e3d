addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || request.url.includes("payment-status")) return;
  event.respondWith(
    (async () => {
      const cache = await caches.open("all");
      const seen = await cache.match(request);
      if (seen) return seen;
      const answer = await fetch(request);
      await cache.put(request, answer.clone());
      return answer;
    })(),
  );
});
