# Shared by the scripts of this folder; to be sourced.

# Where Pacemaker's tools live, which an ordinary user's PATH may lack.
export PATH="$PATH:/usr/sbin:/sbin"

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Say what begins; bold on a terminal.
step() {
    if [ -t 1 ]; then printf '\033[1m%s\033[0m\n' "$*"; else printf '%s\n' "$*"; fi
}

# Run a command; show its newest line only (on a terminal), and the last ones when it fails.
quietly() {
    local output status=0
    output=$("$@" 2>&1 </dev/null | show_newest) || status=$?
    [ ! -t 2 ] || printf '\r\033[K' >&2
    [ "$status" -eq 0 ] || tail -n 40 <<<"$output" >&2
    return "$status"
}

show_newest() {
    local line
    while IFS= read -r line; do
        [ ! -t 2 ] || printf '\r\033[K  %.72s' "${line//[^[:print:]]/}" >&2
        printf '%s\n' "$line"
    done
}
