#!/bin/bash
# Runs once, in Elasticsearch's own image: makes a private certificate authority and the server's certificate.
# The authority's key stays on a volume that only this service and Elasticsearch mount; clients get its certificate.
set -euo pipefail
private=/usr/share/elasticsearch/config/certs
public=/ca

if [ ! -s "$private/elasticsearch/elasticsearch.crt" ]; then
    rm -rf "${private:?}"/*
    bin/elasticsearch-certutil ca --silent --pem --days 3650 --out "$private/ca.zip"
    unzip -q "$private/ca.zip" -d "$private"
    bin/elasticsearch-certutil cert --silent --pem --days 3650 --name elasticsearch \
        --dns elasticsearch --dns localhost --ip 127.0.0.1 \
        --ca-cert "$private/ca/ca.crt" --ca-key "$private/ca/ca.key" --out "$private/elasticsearch.zip"
    unzip -q "$private/elasticsearch.zip" -d "$private"
    rm "$private/ca.zip" "$private/elasticsearch.zip"
fi
# Elasticsearch runs in group 0; nobody else may read the keys.
chown -R root:0 "$private"
find "$private" -type d -exec chmod 750 {} +
find "$private" -type f -exec chmod 640 {} +
# The folder for snapshots is a fresh volume: it belongs to whom Elasticsearch runs as.
chown 1000:0 /snapshots
install -m 444 "$private/ca/ca.crt" "$public/ca.crt"
