# One image for all roles: `docker build -t wardline .`; docker-compose.yml says which process runs which role.

FROM node:24.11.0-bookworm-slim AS packages
WORKDIR /app
ENV NODE_ENV=production
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24.11.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY src ./src
COPY workers ./workers
COPY scripts/parse-mappings.ts scripts/prepare-mongodb.ts scripts/replica-set.ts ./scripts/
COPY mappings ./mappings
RUN npm run build

FROM node:24.11.0-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production \
    WARDLINE_DATA=/data
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY mappings ./mappings
# data files that the compiler does not copy
COPY src/fhir/definitions ./src/fhir/definitions
RUN ln -s /app/dist/src/cli/main.js /usr/local/bin/wardline \
 && chmod +x /app/dist/src/cli/main.js \
 && install -d -m 0700 -o node -g node /data
USER node
# admin token and scratch files of one process; everything that is kept lies in MongoDB
VOLUME /data
STOPSIGNAL SIGTERM
# exec form: the process itself gets SIGTERM, makes durable what is under way and ends with 0
CMD ["node", "dist/workers/all.js"]
