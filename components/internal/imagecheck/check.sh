command -v python >/dev/null || {
  echo '{"event": "The image breaks its contract (docs/image.md#python): wanted is python on PATH for user '"$(id -u)"'; found: none in '"$PATH"'", "level": "error", "logger": "image"}' >&2
  exit 1
}
exec python -c "$0" "$@"
