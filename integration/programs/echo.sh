#!/bin/sh
printf 'Status: 201 Created\nContent-Type: text/plain\nX-Language: shell\n\n'
echo "$REQUEST_METHOD $PATH_INFO $QUERY_STRING"
if [ -n "$CONTENT_LENGTH" ]; then head -c "$CONTENT_LENGTH"; elif [ -n "$HTTP_TRANSFER_ENCODING" ]; then cat; fi
