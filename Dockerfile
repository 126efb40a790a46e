# One image for the server, the migrations and the operator's command. The legacy builder suffices.

# Everything that the build needs, and the build.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY app/server/package.json app/server/
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY app app
COPY src src
COPY migrations migrations
RUN npx nest build

# What runs in production. Nest offers Express as an optional peer, and the server is on Fastify.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
COPY app/server/package.json app/server/
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
 && rm node_modules/introspection-server node_modules/swagger-ui-dist/*.map node_modules/swagger-ui-dist/*-es-*.js

FROM node:24-bookworm-slim AS production
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
# Where the programs were before; operators may have the paths in scripts.
RUN ln -s ../app/cli dist/src/cli && ln -s ../app/server dist/src/server
# Volumes mounted here are the user's to write to.
RUN install -d -o node -g node -m 700 keys public-keys
USER node
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "dist/app/server/health-check.js"]
# The base image's entry point is a shell script, which nothing here needs.
ENTRYPOINT []
CMD ["node", "dist/app/server/main.js"]
