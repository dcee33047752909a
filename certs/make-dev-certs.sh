#!/bin/sh
# Makes a development CA, and certificates that it signs, in the folder of this script: see README.md there.
set -eu

# Elsewhere the range a-z may hold more letters than those of ASCII.
export LC_ALL=C

# Only what stands in this script decides: not the system's configuration, and not which other CAs the system trusts.
export OPENSSL_CONF=/dev/null SSL_CERT_DIR=/dev/null

# A CA is what people make known to their clients by hand, so it outlasts two leaves; but a forgotten one is to end.
ca_days=825
# Some clients refuse a server whose certificate is valid for longer than 398 days.
leaf_days=397

folder=$(dirname -- "$0")
work=$folder/.making

usage() {
    cat <<END
Usage: $0 [--client NAME]...

Makes certificates for development, and their private keys, in the folder of this script: of a CA, of a server and of
each client, NAME. What is still valid is kept.
END
}

fail() {
    printf '%s\n' "$2" >&2
    exit "$1"
}

# client-x-key.pem would be both the certificate of x-key and the key of x.
is_client_name() {
    case $1 in
    '' | . | .. | -* | *-key | *[!A-Za-z0-9._-]*) return 1 ;;
    esac
    [ ${#1} -le 32 ]
}

# 63 is what a label of a DNS name holds; for longer names the subject of a certificate has no room.
is_dns_name() {
    case .$1. in
    *[!A-Za-z0-9.-]* | *..* | *.-* | *-.*) return 1 ;;
    esac
    [ ${#1} -le 63 ]
}

add_client() {
    case " $clients " in
    *" $1 "*) ;;
    *) clients="$clients $1" ;;
    esac
}

# Those who were given a certificate once are to have a new one when it expires or the CA is made anew.
add_clients_of_earlier_runs() {
    for key in "$folder"/client-*-key.pem; do
        client=${key##*/client-}
        client=${client%-key.pem}
        if is_client_name "$client"; then
            add_client "$client"
        fi
    done
}

handle_signals() {
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 141' PIPE
    trap 'exit 143' TERM
}

ignore_signals() {
    trap '' HUP INT PIPE TERM
}

# The folder of the temporary files is the lock as well: two runs at once would mix their keys and certificates.
begin_work() {
    ignore_signals
    if ! mkdir "$work" 2>/dev/null; then
        [ ! -d "$work" ] || fail 75 "Another run is at work. If none is, one was killed: remove $work"
        fail 73 "Cannot write to $folder"
    fi
    trap 'ignore_signals; rm -rf "$work"' EXIT
    handle_signals
}

# openssl tells of its progress where it tells of errors.
quietly() {
    "$@" 2>"$work/messages" || {
        cat "$work/messages" >&2
        exit 1
    }
}

# With a password given, though none, openssl does not ask for that of an encrypted key.
is_valid() {
    certificate=$folder/$1.pem
    key=$folder/$1-key.pem
    purpose=$2
    shift 2
    {
        openssl x509 -noout -checkend 86400 -in "$certificate" &&
            public_key=$(openssl pkey -pubout -passin pass: -in "$key") &&
            [ "$public_key" = "$(openssl x509 -noout -pubkey -in "$certificate")" ] &&
            openssl verify -CAfile "$folder/ca.pem" -purpose "$purpose" "$@" "$certificate"
    } >/dev/null 2>&1
}

configure() {
    cat >"$work/openssl.cnf" <<END
[req]
prompt = no
distinguished_name = subject
[subject]
$1
[extensions]
subjectKeyIdentifier = hash
$2
END
}

make_key() {
    quietly openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/$1-key.pem"
}

# No signal separates a key from its certificate.
put_in_place() {
    chmod 644 "$work/$1.pem"
    ignore_signals
    mv -f "$work/$1-key.pem" "$work/$1.pem" "$folder/"
    handle_signals
}

make_ca() {
    configure "CN = chat-server development CA
OU = $host" "basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign"
    make_key ca
    quietly openssl req -x509 -new -sha256 -days "$ca_days" -config "$work/openssl.cnf" -extensions extensions \
        -key "$work/ca-key.pem" -out "$work/ca.pem"
    put_in_place ca
}

# A serial number has at most 20 octets and a sign: with 19 of them random it is always positive.
make_leaf() {
    configure "CN = $2" "authorityKeyIdentifier = keyid:always
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
$3"
    make_key "$1"
    serial=$(quietly openssl rand -hex 19)
    quietly openssl req -new -sha256 -config "$work/openssl.cnf" -key "$work/$1-key.pem" -out "$work/request.pem"
    quietly openssl x509 -req -sha256 -days "$leaf_days" -set_serial "0x$serial" \
        -CA "$folder/ca.pem" -CAkey "$folder/ca-key.pem" -extfile "$work/openssl.cnf" -extensions extensions \
        -in "$work/request.pem" -out "$work/$1.pem"
    put_in_place "$1"
}

make_server() {
    names=DNS:localhost,IP:127.0.0.1,IP:::1
    [ "$host" = localhost ] || names=$names,DNS:$host
    make_leaf server localhost "extendedKeyUsage = serverAuth
subjectAltName = $names"
}

make_client() {
    extensions="extendedKeyUsage = clientAuth"
    if is_dns_name "$1"; then
        extensions="$extensions
subjectAltName = DNS:$1"
    fi
    make_leaf "client-$1" "$1" "$extensions"
}

report() {
    printf '%s %s, %s\n' "$1" "$folder/$2.pem" "$folder/$2-key.pem"
}

quoted() {
    case $1 in
    *[!A-Za-z0-9/._-]*) printf %s "$1" | sed "s/'/'\\\\''/g; s/^/'/; s/\$/'/" ;;
    *) printf %s "$1" ;;
    esac
}

s_client() {
    printf 'openssl s_client -quiet -connect localhost:4433 -CAfile %s -verify_return_error%s\n' \
        "$(quoted "$folder/ca.pem")" "$1"
}

clients=
while [ $# -gt 0 ]; do
    case $1 in
    --help)
        usage
        exit
        ;;
    --client)
        if [ $# -lt 2 ]; then
            usage >&2
            exit 64
        fi
        is_client_name "$2" || fail 64 "A client's name is 1 to 32 of A-Z, a-z, 0-9, '_', '-' and '.', \
but neither '.' nor '..', and neither begins with '-' nor ends with '-key'."
        add_client "$2"
        shift 2
        ;;
    *)
        usage >&2
        exit 64
        ;;
    esac
done

command -v openssl >/dev/null || fail 69 "openssl is needed: sudo apt-get install openssl"

host=$(uname -n)
is_dns_name "$host" || host=localhost

umask 077
begin_work
add_clients_of_earlier_runs

if is_valid ca any; then
    report kept ca
else
    make_ca
    report made ca
fi

if is_valid server sslserver -verify_hostname "$host"; then
    report kept server
else
    make_server
    report made server
fi

for client in $clients; do
    if is_valid "client-$client" sslclient; then
        report kept "client-$client"
    else
        make_client "$client"
        report made "client-$client"
    fi
done

echo
s_client ""
for client in $clients; do
    s_client " -cert $(quoted "$folder/client-$client.pem") -key $(quoted "$folder/client-$client-key.pem")"
done
