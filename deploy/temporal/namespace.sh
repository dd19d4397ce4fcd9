#!/bin/sh
# Makes the namespace and registers Kickoff's search attributes in it. May be run again.
# The temporal command reads TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE itself.
set -eu

again() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -lt 30 ] || { echo "gave up: $*" >&2; exit 1; }
    sleep 2
  done
}

have_namespace() {
  temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d
}

# A new namespace is known to every part of the server some seconds after it was made.
have_attribute() {
  temporal operator search-attribute list | grep -qw "$1" ||
    temporal operator search-attribute create --name "$1" --type Keyword
}

again temporal operator cluster health >/dev/null
again have_namespace
for name in KickoffDeal KickoffAccount KickoffPhase; do
  again have_attribute "$name"
done
