#!/bin/sh
# A secret whose file is named like a setting (GATEWAY_PLATFORM_SECRET) becomes that setting of this process only.
set -eu
for file in /run/secrets/GATEWAY_*; do
    [ -f "$file" ] || continue
    export "$(basename "$file")=$(cat "$file")"
done
exec "$@"
