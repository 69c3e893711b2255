#!/bin/sh
# Makes the secrets that docker-compose.yml names, in deploy/secrets. What is there already stays as it is.
# The folder is for its owner only; the files in it are readable, for inside a container they are its own user's to read.
set -eu
cd "$(dirname "$0")"
mkdir -p secrets
chmod 700 secrets

random() { head -c "$1" /dev/urandom | base64 | tr -d '\n'; }
# letters and digits: they stand in URLs
word() { head -c 200 /dev/urandom | LC_ALL=C tr -dc 'A-Za-z0-9' | head -c 40; }
put() {
  if [ -e "secrets/$1" ]; then return; fi
  printf '%s\n' "$2" >"secrets/$1"
  chmod 444 "secrets/$1"
  echo "made secrets/$1"
}

put master-key "$(random 32)"
put mongodb-keyfile "$(random 700)"
put mongodb-root-password "$(word)"
put mongodb-password "$(word)"
put redis-auth "requirepass $(word)"
put app-secret "$(word)"
put grafana-password "$(word)"
put mongodb-url "mongodb://wardline:$(cat secrets/mongodb-password)@mongodb-1:27017,mongodb-2:27017,mongodb-3:27017/?replicaSet=wardline&authSource=admin"
put redis-url "redis://:$(sed 's/^requirepass //' secrets/redis-auth)@redis:6379"
