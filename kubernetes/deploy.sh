#!/usr/bin/env bash
# `make kubernetes-up` and its siblings: an overlay into the cluster that kubectl is set up for.
#   deploy.sh env OVERLAY    platform.env with random keys, out of the example beside it; callers' keys
#   deploy.sh up OVERLAY     all of it, and wait until it is ready (SECONDS_TO_WAIT=240)
#   deploy.sh down OVERLAY   all of it goes but for its volumes
#   deploy.sh status         what runs, and what is not ready and why
# OVERLAY: a name below overlays/, or a folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
ours=app.kubernetes.io/part-of=relevo
kinds=deployment,statefulset,job,service,networkpolicy,poddisruptionbudget,hpa,configmap,secret
others="scaledobject httproute podmonitor"

fail() {
    echo "$*" >&2
    exit 1
}
apply() { kubectl apply --server-side --force-conflicts "$@"; }
k() { kubectl --namespace relevo "$@"; }

folder_of() { # where the overlay is, or which there are
    for folder in "$here/overlays/$1" "$1"; do
        if [ -n "$1" ] && [ -f "$folder/kustomization.yaml" ]; then
            echo "$folder"
            return
        fi
    done
    fail "there is no overlay '$1': overlay=NAME takes one of $(cd "$here/overlays" && echo *)"
}

write_keys() {
    local folder text name
    folder=$(folder_of "$1")
    [ ! -e "$folder/platform.env" ] ||
        fail "$folder/platform.env is there already, and volumes may hold its keys: remove both first"
    text=$(grep -v '^#' "$folder/platform.env.example")
    for name in RANDOM1 RANDOM2 RANDOM3 RANDOM5; do
        text=${text//$name/$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')}
    done
    text=${text//RANDOM4/$(head -c 32 /dev/urandom | base64 | tr '+/' '-_')} # 32 bytes, says MLflow
    umask 077
    echo "$text" > "$folder/platform.env"
    printf 'relevo_%s' "$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d =)" > "$folder/relevo_api_key"
    printf '{"keys": [{"name": "platform", "scopes": ["predict", "read"], "sha256": "%s"}]}\n' \
        "$(sha256sum < "$folder/relevo_api_key" | cut -c -64)" > "$folder/keys.json"
    echo "wrote $folder/platform.env, and the platform's own key; who else may ask gets one by"
    echo "  relevo keys new NAME --scope predict --file $folder/keys.json"
}

check_keys() { # the keys of the example, each with a value
    local name
    for name in platform.env keys.json relevo_api_key; do
        [ -f "$1/$name" ] || fail "$1/$name is not there: make kubernetes-env overlay=$2 writes it"
    done
    sed -n 's/^\([A-Z0-9_]*\)=.*/\1/p' "$1/platform.env.example" | while read -r name; do
        grep -q "^$name=." "$1/platform.env" || fail "$1/platform.env has no value for $name"
    done
}

up() {
    local folder manifests
    folder=$(folder_of "$1")
    check_keys "$folder" "$1"
    manifests=$(kubectl kustomize "$folder") || fail "nothing was applied"
    kubectl get --raw /readyz > /dev/null 2>&1 ||
        fail "no Kubernetes answers kubectl: set KUBECONFIG, or start one"
    apply -f "$here/base/namespace.yaml" > /dev/null
    k delete job --selector relevo/part=job --ignore-not-found > /dev/null # they are run anew
    apply --dry-run=server -f - <<< "$manifests" > /dev/null ||
        fail "the cluster would refuse it: nothing was applied"
    apply -f - <<< "$manifests"
    wait_until_ready
}

wait_until_ready() {
    local began=$SECONDS left workload
    for workload in $(k get job,statefulset,deployment --selector $ours --output name); do
        left=$((${SECONDS_TO_WAIT:-240} + began - SECONDS))
        case $workload in
            job*) k wait --for=condition=complete --timeout "$((left > 1 ? left : 1))s" "$workload" ;;
            *) k rollout status --timeout "$((left > 1 ? left : 1))s" "$workload" ;;
        esac > /dev/null 2>&1 || {
            unready
            fail "not everything is ready after $((SECONDS - began)) s; it goes on by itself: make kubernetes-status"
        }
    done
    echo "ready after $((SECONDS - began)) s"
}

unready() { # each pod that is not, with why
    k get pods --no-headers | while read -r pod ready state _; do
        if [ "${ready%/*}" != "${ready#*/}" ] && [ "$state" != Completed ]; then
            echo "$pod: $state: $(why "$pod")"
        fi
    done
}

why() { # what Kubernetes says of it, else its own last words
    local told
    told=$(k get pod "$1" --output jsonpath='{.status.conditions[?(@.type=="PodScheduled")].message}{.status.containerStatuses[*].state.waiting.message}')
    echo "${told:-$(k logs "$1" --tail 1 2> /dev/null)}" | cut -c 1-300
}

down() {
    folder_of "$1" > /dev/null
    k delete "$kinds" --selector $ours --ignore-not-found
    for kind in $others; do # which a cluster may know or not
        k delete "$kind" --selector $ours --ignore-not-found 2> /dev/null || true
    done
    echo "its volumes stay: kubectl delete namespace relevo removes them too"
}

status() {
    k get pods,persistentvolumeclaims,hpa --output wide
    unready
    k exec deployment/cli -- relevo status
}

case ${1:-} in
    env) write_keys "${2:-}" ;;
    up | down) "$1" "${2:-}" ;;
    status) status ;;
    *) sed -n '2,8p' "$0" ;;
esac
