# Runs what README and docs show, as a reader would paste it: bash shell.sh SCRIPT
# Commands of the project are run as they are; what another test runs, or takes long, is only noted in $ELSEWHERE.
set -euo pipefail

introspection() { node "$ROOT/dist/app/cli/main.js" "$@"; }

npx() {
  case "$*" in
    'introspection '*) introspection "${@:2}" ;;
    *) elsewhere npx "$@" ;;
  esac
}

npm() {
  case "$*" in
    'run -s cli -- '*) introspection "${@:5}" ;;
    *) elsewhere npm "$@" ;;
  esac
}

docker-compose() {
  case "$*" in
    'run --rm cli '*) introspection "${@:4}" ;;
    *) elsewhere docker-compose "$@" ;;
  esac
}

elsewhere() { echo "$*" >>"$ELSEWHERE"; }

source "$1"
