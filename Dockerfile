# The service with the built widget and dashboard. Build: docker build -t somopay .
# BASE must contain Node 24 and npm.
ARG BASE=node:24-bookworm-slim

# Only the package manifests, so that this layer changes only when they do.
FROM ${BASE} AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY service/package.json service/
COPY service/client/package.json service/client/
COPY service/dashboard/package.json service/dashboard/
COPY widget/package.json widget/
COPY demo-site/package.json demo-site/
COPY e2e/package.json e2e/

# Only the script that browsers load; the npm package and its types are not needed here.
FROM manifests AS widget
RUN npm ci --ignore-scripts --no-audit --no-fund --workspace widget
COPY tsconfig.json ./
COPY service/tsconfig.json service/
COPY service/src/contract.ts service/src/
COPY widget widget
RUN cd widget && npx vite build --mode script

# The owners' web app. Its imports from the service are types, which the build leaves out.
FROM manifests AS dashboard
RUN npm ci --ignore-scripts --no-audit --no-fund --workspace @somopay/dashboard
COPY tsconfig.json ./
COPY service/tsconfig.json service/
COPY service/dashboard service/dashboard
RUN cd service/dashboard && npx vite build

FROM manifests AS packages
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev --workspace service
# Without the sources of better-sqlite3 and its builds for other platforms.
RUN rm -rf node_modules/better-sqlite3/deps node_modules/better-sqlite3/src \
  && find node_modules/better-sqlite3/prebuilds -mindepth 1 -maxdepth 1 ! -name "linux-*" -exec rm -rf {} +

# The demo: the tutoring site and the simulated Safaricom. Not part of the service's image.
FROM manifests AS demo
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev
COPY docs/openapi.json docs/
COPY service service
COPY demo-site demo-site
COPY e2e/daraja-simulator e2e/daraja-simulator
COPY --from=widget /app/widget widget
COPY --from=dashboard /app/service/dashboard/dist service/dashboard/dist
ENV NODE_ENV=production
RUN mkdir /data && chown 1000:1000 /data
ENV DATA_DIR=/data DEMO_DATA_DIR=/data
USER 1000:1000
CMD ["node", "demo-site/start-demo.ts"]

FROM ${BASE} AS service
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY docs/openapi.json docs/
COPY service/package.json service/
COPY service/bin service/bin
COPY service/migrations service/migrations
COPY service/src service/src
COPY --from=widget /app/widget/package.json widget/package.json
COPY --from=widget /app/widget/dist widget/dist
COPY --from=dashboard /app/service/dashboard/dist service/dashboard/dist
# /data has the journal: callbacks that arrived while the database was down. If copies share it, any of them replays what another left behind.
RUN mkdir /data && chown 1000:1000 /data && ln -s /app/service/bin/somopay.mjs /usr/local/bin/somopay
ENV NODE_ENV=production PORT=3000 DATA_DIR=/data
VOLUME /data
EXPOSE 3000
USER 1000:1000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["somopay"]
CMD ["serve"]
