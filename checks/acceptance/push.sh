#!/usr/bin/env bash
# Pushes container images to Debian's docker-registry on this machine, and pulls them back with skopeo and podman.
#
#     checks/acceptance/push.sh RELEASE-DIRECTORY
#
# The images are those of the release, and its own program pushes them. Registries are started for the tests: open, with
# a password, and with tokens. Some connections lead through a proxy that cuts them. Wants root. Prints `ok NAME` or
# `FAIL NAME` for each test, with the output of failed ones; exits with 1 if one failed.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

# The system's own programs before others of the same name.
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH

main() {
    [ $# -eq 1 ] || die "usage: $0 RELEASE-DIRECTORY"
    need_root 'run containers'
    need_tools jq:jq python3:python3 openssl:openssl skopeo:skopeo podman:podman runc:runc \
        docker-registry:docker-registry htpasswd:apache2-utils
    open_release "$1"
    judges '*.oci.tar'
    image=$(one_of "$release/artifacts/*-x86_64.oci.tar")
    open_work
    # Nothing of the machine's own configuration.
    export TMPDIR=$work HOME=$work/home DOCKER_CONFIG=$work/docker
    unset SEALIFT_REGISTRY_USER SEALIFT_REGISTRY_PASSWORD SSL_CERT_FILE
    mkdir "$HOME" "$DOCKER_CONFIG"
    # Podman wants one to be there.
    echo '{}' >"$DOCKER_CONFIG/config.json"
    tar -xzf "$(one_of "$release/artifacts/*-x86_64-unknown-linux-musl.tar.gz")" -C "$work"
    sealift=$(one_of "$work/sealift-*/sealift")
    write_helpers
    run_tests
}

before_close() {
    local pid
    for pid in $(cat "$work"/*/*.pid 2>/dev/null); do
        kill -KILL "$pid" 2>/dev/null
    done
}

after_test() { before_close; }

# --- registries ---

# registry NAME [AUTH]: starts one with its state in `NAME`, and sets `address`. AUTH is YAML.
registry() {
    local port
    port=$(free_port)
    address=127.0.0.1:$port
    mkdir -p "$1"
    cat >"$1.yml" <<CONFIG
version: 0.1
log: { accesslog: { disabled: false }, level: warn }
storage: { filesystem: { rootdirectory: $PWD/$1 }, delete: { enabled: true } }
http: { addr: "$address", secret: of-the-tests }
${2-}
CONFIG
    start_registry "$1"
}

# start_registry NAME: starts one that `registry` has made, also once more after it was killed.
start_registry() {
    docker-registry serve "$1.yml" >>"$1.log" 2>&1 </dev/null &
    echo $! >"$1.pid"
    eventually answers "$address" || { cat "$1.log"; return 1; }
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

answers() { (exec 3<>"/dev/tcp/${1%:*}/${1#*:}") 2>/dev/null; }

# cutting TIMES BYTES [COMMAND]: starts a proxy to `address` and sets `through`. It cuts as many connections, each when that
# many bytes have gone to the registry, and runs the command at each cut.
cutting() {
    local port
    port=$(free_port)
    through=127.0.0.1:$port
    python3 "$work/cutting.py" "$port" "${address#*:}" "$@" >proxy.log 2>&1 </dev/null &
    echo $! >proxy.pid
    eventually answers "$through"
}

write_helpers() {
    cat >"$work/cutting.py" <<'PYTHON'
import socket, subprocess, sys, threading
listen, to, times, limit = map(int, sys.argv[1:5])
command = sys.argv[5:]
lock = threading.Lock()

def copy(source, target, count):
    global times
    sent = 0
    try:
        while data := source.recv(16384):
            if count:
                with lock:
                    cut = times > 0 and sent + len(data) > limit
                    times -= cut
                if cut:
                    target.sendall(data[:limit - sent])
                    print("cut after", limit, flush=True)
                    if command:
                        subprocess.run(command)
                    for side in source, target:
                        side.close()
                    return
            target.sendall(data)
            sent += len(data)
    except OSError:
        pass
    for side in source, target:
        try:
            side.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", listen))
server.listen()
while True:
    client, _ = server.accept()
    try:
        registry = socket.create_connection(("127.0.0.1", to))
    except OSError:
        client.close()
        continue
    threading.Thread(target=copy, args=(client, registry, True), daemon=True).start()
    threading.Thread(target=copy, args=(registry, client, False), daemon=True).start()
PYTHON
    cat >"$work/tokens.py" <<'PYTHON'
# Gives tokens as distribution's specification has them (RS256, the certificate in x5c) to me:secret.
import base64, http.server, json, subprocess, sys, time, urllib.parse
port, key, certificate = int(sys.argv[1]), sys.argv[2], sys.argv[3]
pem = open(certificate).read().splitlines()
x5c = "".join(line for line in pem if not line.startswith("-"))

def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.headers.get("Authorization") != "Basic " + base64.b64encode(b"me:secret").decode():
            self.send_response(401)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        kind, name, actions = query["scope"][0].split(":")
        now = int(time.time())
        claims = {"iss": "tests", "sub": "me", "aud": query["service"][0], "exp": now + 300, "nbf": now - 10,
                  "iat": now, "jti": str(now), "access": [{"type": kind, "name": name, "actions": actions.split(",")}]}
        head = {"typ": "JWT", "alg": "RS256", "x5c": [x5c]}
        text = b".".join(encoded(json.dumps(part).encode()) for part in (head, claims))
        signed = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=text, capture_output=True, check=True)
        body = json.dumps({"token": (text + b"." + encoded(signed.stdout)).decode()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
PYTHON
}

# Whether the registry's log has as many requests that write, POST and PATCH and PUT.
writes() { grep -cE '"(POST|PATCH|PUT) /v2/' "$1.log" || true; }

# digest_of ARCHIVE: that of its image's manifest.
digest_of() { tar -xOf "$1" index.json | jq -r '.manifests[0].digest'; }

skopeo() { command skopeo --override-arch amd64 --override-os linux "$@"; }

# Podman with state of its own. crun wants rights that not every machine gives to its root, and so do its limits.
podman() {
    command podman --root "$work/podman" --runroot "$work/podman-run" --tmpdir "$work/podman-tmp" \
        --storage-driver vfs --runtime runc --cgroup-manager cgroupfs --events-backend file "$@"
}

podman_run() { podman run --rm --network none --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 "$@"; }

# is_whole REFERENCE ARCHIVE: whether the registry gives back what the archive has, byte for byte.
is_whole() {
    rm -rf pulled expected
    skopeo copy --quiet --insecure-policy --src-tls-verify=false "${3-}" "docker://$1" dir:pulled
    skopeo copy --quiet --insecure-policy "oci-archive:$2" dir:expected
    diff -r pulled expected
    equal "$(digest_of "$2")" "sha256:$(sha256sum pulled/manifest.json | cut -d' ' -f1)"
}

# --- the tests ---

test_an_image_comes_back_as_it_is() {
    registry open
    "$sealift" push "$image" "$address/team/hello:one" >said 2>errors
    equal "$address/team/hello:one@$(digest_of "$image")" "$(cat said)"
    # Nobody watches.
    equal '' "$(cat errors)"
    is_whole "$address/team/hello:one" "$image" --quiet
}

test_a_release_becomes_one_tag() {
    registry open
    local archives each expected
    "$sealift" push "$release" "$address/hello" "$address/hello:latest" >said
    equal 2 "$(wc -l <said)"
    skopeo inspect --tls-verify=false --raw "docker://$address/hello:${version/+/_}" >index
    equal "sha256:$(sha256sum index | cut -d' ' -f1)" "$(head -n 1 said | cut -d@ -f2)"
    mapfile -t archives < <(compgen -G "$release/artifacts/*-*-*.oci.tar")
    if [ ${#archives[@]} = 1 ]; then
        equal "$(digest_of "$image")" "sha256:$(sha256sum index | cut -d' ' -f1)"
        return
    fi
    expected=$(for each in "${archives[@]}"; do digest_of "$each"; done | sort)
    equal "$expected" "$(jq -r '.manifests[].digest' index | sort)"
    equal 'amd64 arm64' "$(jq -r '.manifests[].platform.architecture' index | sort | xargs)"
    skopeo copy --quiet --insecure-policy --all --src-tls-verify=false "docker://$address/hello:latest" dir:all
}

test_podman_pulls_and_runs_the_program() {
    registry open
    "$sealift" push "$release" "$address/hello:run"
    podman pull --quiet --tls-verify=false "$address/hello:run"
    is_own_version "$(podman_run "$address/hello:run" --version)"
}

test_a_second_push_sends_nothing() {
    registry open
    "$sealift" push "$release" "$address/hello:twice" >first
    local before
    before=$(writes open)
    [ "$before" -gt 3 ]
    "$sealift" push "$release" "$address/hello:twice" >second
    diff first second
    equal "$before" "$(writes open)"
    # Another tag takes a manifest, and no blob.
    "$sealift" push --verbose "$release" "$address/hello:again" 2>&1 | grep -q '^0 blobs and 1 manifests sent'
    equal $((before + 1)) "$(writes open)"
}

test_a_password_is_taken_from_each_of_its_places_and_never_shown() {
    htpasswd -Bbn me secret-word >users
    registry locked "auth: { htpasswd: { realm: tests, path: $PWD/users } }"
    fails 2 "$sealift" push "$image" "$address/hello:none" 2>>said
    contains "$(cat said)" "the registry \`$address\` wants a login"
    echo wrong-word | fails 2 "$sealift" push --user me --password-stdin "$image" "$address/hello:wrong" 2>>said
    contains "$(cat said)" "the registry \`$address\` refused the login of \`me\`"
    echo secret-word | "$sealift" push --verbose --user me --password-stdin "$image" "$address/hello:stdin" >>said 2>&1
    SEALIFT_REGISTRY_USER=me SEALIFT_REGISTRY_PASSWORD=secret-word "$sealift" push --verbose "$image" "$address/hello:env" >>said 2>&1
    mkdir docker
    skopeo login --authfile docker/config.json --tls-verify=false -u me -p secret-word "$address"
    DOCKER_CONFIG=docker "$sealift" push --verbose "$image" "$address/hello:docker" >>said 2>&1
    is_whole "$address/hello:docker" "$image" --src-creds=me:secret-word
    fails 1 grep -E '(secret|wrong)-word|bWU6' said
}

test_a_program_that_keeps_logins_is_asked() {
    htpasswd -Bbn me secret-word >users
    registry locked "auth: { htpasswd: { realm: tests, path: $PWD/users } }"
    mkdir docker programs
    echo '{"credsStore": "tests"}' >docker/config.json
    cat >programs/docker-credential-tests <<HELPER
#!/bin/sh
[ "\$1" = get ] && [ "\$(cat)" = "$address" ] && echo '{"ServerURL": "", "Username": "me", "Secret": "secret-word"}'
HELPER
    chmod 755 programs/docker-credential-tests
    PATH=$PWD/programs:$PATH DOCKER_CONFIG=docker "$sealift" push "$image" "$address/hello:kept"
    is_whole "$address/hello:kept" "$image" --src-creds=me:secret-word
}

test_a_token_server_is_asked_for_a_token() {
    local tokens
    tokens=$(free_port)
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=tests 2>/dev/null
    python3 "$work/tokens.py" "$tokens" key.pem cert.pem >tokens.log 2>&1 </dev/null &
    echo $! >tokens.pid
    eventually answers "127.0.0.1:$tokens"
    registry tokens "auth: { token: { realm: 'http://127.0.0.1:$tokens/token', service: here, issuer: tests, rootcertbundle: $PWD/cert.pem } }"
    export SEALIFT_REGISTRY_USER=me SEALIFT_REGISTRY_PASSWORD=secret
    "$sealift" push "$image" "$address/team/hello:token"
    # One token is enough for everything.
    equal 1 "$(grep -c 'GET /token' tokens.log)"
    is_whole "$address/team/hello:token" "$image" --src-creds=me:secret
    SEALIFT_REGISTRY_PASSWORD=guess fails 2 "$sealift" push "$image" "$address/team/hello:guess" 2>said
    contains "$(cat said)" "refused the login of \`me\`"
}

test_a_push_goes_on_when_connections_are_cut() {
    registry open
    cutting 2 1000000
    "$sealift" push --verbose "$image" "$through/hello:cut" 2>said
    cat said
    equal 2 "$(grep -c '^cut after' proxy.log)"
    equal 2 "$(grep -c '^interrupted; sending goes on from' said)"
    is_whole "$address/hello:cut" "$image" --quiet
}

test_a_push_goes_on_when_the_registry_is_killed_and_started_again() {
    registry open
    cutting 1 1000000 sh -c "kill -KILL $(cat open.pid)"
    "$sealift" push --verbose "$image" "$through/hello:killed" >said 2>&1 &
    local push=$!
    eventually grep -q '^cut after' proxy.log
    start_registry open
    wait $push || { cat said; return 1; }
    is_whole "$address/hello:killed" "$image" --quiet
}

test_a_push_that_failed_is_finished_by_the_next() {
    registry open
    # The configuration is small and passes, the layer does not.
    cutting 1000 1000000
    fails 2 "$sealift" push "$image" "$through/hello:half" 2>said
    contains "$(cat said)" 'was interrupted 6 times'
    contains "$(cat said)" 'hint: push again when the connection works'
    fails 1 skopeo inspect --tls-verify=false --raw "docker://$address/hello:half" 2>/dev/null
    "$sealift" push "$image" "$address/hello:half"
    is_whole "$address/hello:half" "$image" --quiet
}

test_a_registry_that_is_not_there_is_named() {
    address=127.0.0.1:$(free_port)
    fails 2 "$sealift" push "$image" "$address/hello:1" 2>said
    contains "$(cat said)" "\`http://$address\` cannot be reached, tried 6 times"
}

main "$@"
