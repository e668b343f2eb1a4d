#!/bin/bash
# Runs at every start, in Elasticsearch's own image: the account of the monitor, with no more rights than it needs, and
# the password of Kibana's own account. Repeating it changes nothing; new passwords in .env take effect.
set -euo pipefail
url=https://elasticsearch:9200

put() { # put PATH JSON, as the superuser; the password goes by standard input, not by the command line
    printf 'user = "elastic:%s"\n' "$ELASTIC_PASSWORD" |
        curl --silent --show-error --fail-with-body --retry 10 --retry-all-errors --retry-delay 3 --cacert /ca/ca.crt \
            --config - --request PUT "$url$1" --header 'Content-Type: application/json' --data "$2" --output /dev/null
}

put /_security/role/sanctuary-watch '{
    "cluster": ["monitor"],
    "indices": [{"names": ["sanctuary-watch-*"], "privileges": ["all"]}]
}'
put /_security/user/sanctuary-watch "{\"password\": \"$ARCHIVE_PASSWORD\", \"roles\": [\"sanctuary-watch\"]}"
put /_security/user/kibana_system/_password "{\"password\": \"$KIBANA_PASSWORD\"}"
