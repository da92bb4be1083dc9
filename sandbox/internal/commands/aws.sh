#!/bin/sh
# AWS's command line of release 1, with the `logs tail` of release 2, for this sandbox.
aws=@AWS@
[ "$1 $2" = "logs tail" ] || exec "$aws" "$@"
shift 2
since=10m group='' pattern='' prefix='' follow=''
while [ $# -gt 0 ]; do
	case $1 in
	--since) since=$2 && shift ;;
	--filter-pattern) pattern=$2 && shift ;;
	--log-stream-name-prefix) prefix=$2 && shift ;;
	--format) shift ;; # each line is its time and the message
	--follow) follow=yes ;;
	-*) echo "aws logs tail: $1 is not known here" >&2 && exit 252 ;;
	*) group=$1 ;;
	esac
	shift
done
case $since in
*s) seconds=${since%s} ;;
*m) seconds=$((${since%m} * 60)) ;;
*h) seconds=$((${since%h} * 3600)) ;;
*d) seconds=$((${since%d} * 86400)) ;;
*) echo "aws logs tail: --since $since is not known here: 30s, 10m, 2h and 1d are" >&2 && exit 252 ;;
esac
from=$(($(date +%s) - seconds))
while :; do
	now=$(date +%s)
	"$aws" logs filter-log-events --log-group-name "$group" --start-time "${from}000" ${follow:+--end-time "$((now - 1))999"} \
		${pattern:+--filter-pattern "$pattern"} ${prefix:+--log-stream-name-prefix "$prefix"} \
		--query 'events[].[to_string(timestamp), message]' --output text || exit
	[ "$follow" ] || exit 0
	from=$now
	sleep 2
done
