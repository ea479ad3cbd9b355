# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# home.sh: the emulated home, as functions for tools/lab. A router namespace
# with the bridge br-lan, an internet namespace beyond it, one namespace for
# each device; the servers in the first two are real ones from Debian.
#
#   rf-lab-internet --- wan0 rf-lab-router br-lan --- cam0   rf-lab-camera
#                                                 --- tv0    rf-lab-tv  ...
#
# Nothing here knows about the fence: the home is the same with and without it.
# Everything is named after $LAB_NS and lives in $LAB_DIR, so that home_down
# can find all of it again whoever started it.

# Documentation addresses only (RFC 5737, RFC 3849). The names of the vendors'
# servers are those of user/examples/home.yaml.
HOME_ROUTER=192.168.77.1
HOME_ROUTER6=fd00:77::1
WAN_ROUTER=198.51.100.2
WAN_INTERNET=198.51.100.1
WAN_ROUTER6=2001:db8:0:1::2
WAN_INTERNET6=2001:db8:0:1::1

# name, port of the bridge, last byte of the MAC address, address ("-": any free one)
HOME_DEVICES='
camera	cam0	10	192.168.77.10
tv	tv0	11	192.168.77.11
nas	nas0	12	192.168.77.12
phone	phone0	13	192.168.77.13
visitor	guest0	99	-
'

# The hosts of the internet: name ("-": reached by literal address only), address
HOME_HOSTS='
-	203.0.113.17
stream.tv.example	203.0.113.33
img.cdn.example	203.0.113.34
edge7.cdn.example	203.0.113.34
updates.nas.example	203.0.113.40
relay.nas.example	203.0.113.41
telemetry.tv.example	203.0.113.50
eu.ads.tv.example	203.0.113.51
www.news.example	203.0.113.70
www.news.example	2001:db8:0:2::70
time.example	203.0.113.90
p2p1.rendezvous.example	198.51.100.61
p2p2.rendezvous.example	198.51.100.62
-	198.51.100.63
-	198.51.100.64
-	2001:db8:0:3::65
'
# Aliases: name, name. The camera's firmware lies where the TV's pictures are, as at any content network.
HOME_ALIASES='
firmware.camera.example	edge7.cdn.example
'
P2P_PORTS='32100 34781'

home_ns() { echo "/run/netns/$LAB_NS-$1"; }

# Only the network namespace: `ip netns exec' would mount a new /sys and hide
# the BPF file system from what runs there.
home_in()
{
	local where=$1
	shift
	nsenter --net="$(home_ns "$where")" -- "$@"
}

home_device_names() { awk 'NF { print $1 }' <<<"$HOME_DEVICES"; }
home_device_ports() { awk 'NF { print $2 }' <<<"$HOME_DEVICES"; }

home_is_up() { [ -e "$(home_ns router)" ]; }

home_add_ns()
{
	ip netns add "$LAB_NS-$1"
	# No duplicate address detection: it would cost each device a second.
	home_in "$1" sysctl -q net.ipv6.conf.all.accept_dad=0 \
		net.ipv6.conf.default.accept_dad=0
	home_in "$1" ip link set lo up
}

home_links()
{
	local name port mac address

	home_add_ns internet
	home_add_ns router
	home_in router sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	home_in router ip link add wan0 type veth peer name eth0 netns "$LAB_NS-internet"
	home_in router ip addr add "$WAN_ROUTER/24" dev wan0
	home_in router ip addr add "$WAN_ROUTER6/64" dev wan0 nodad
	home_in router ip link set wan0 up
	home_in router ip link add br-lan type bridge stp_state 0 forward_delay 0 mcast_snooping 0
	home_in router ip addr add "$HOME_ROUTER/24" dev br-lan
	home_in router ip addr add "$HOME_ROUTER6/64" dev br-lan nodad
	home_in router ip link set br-lan up
	home_in router ip route add default via "$WAN_INTERNET"
	home_in router ip -6 route add default via "$WAN_INTERNET6"

	while read -r name port mac address; do
		[ -n "$name" ] || continue
		home_add_ns "$name"
		home_in router ip link add "$port" type veth peer name eth0 netns "$LAB_NS-$name"
		home_in router ip link set "$port" master br-lan up
		home_in "$name" ip link set eth0 address "02:00:00:00:77:$mac" up
	done <<<"$HOME_DEVICES"
}

home_internet_addresses()
{
	local name address

	home_in internet ip addr add "$WAN_INTERNET/24" dev eth0
	home_in internet ip addr add "$WAN_INTERNET6/64" dev eth0 nodad
	home_in internet ip link set eth0 up
	home_in internet ip route add 192.168.77.0/24 via "$WAN_ROUTER"
	home_in internet ip -6 route add fd00:77::/64 via "$WAN_ROUTER6"
	while read -r name address; do
		[ -n "$name" ] || continue
		case $address in
		*:*) home_in internet ip addr replace "$address/128" dev lo nodad ;;
		*) home_in internet ip addr replace "$address/32" dev lo ;;
		esac
	done <<<"$HOME_HOSTS"
}

home_write_dnsmasq()
{
	local name port mac address

	cat <<-CONF
	bind-interfaces
	interface=br-lan
	no-resolv
	no-hosts
	local=/example/
	domain=home.example
	user=root
	pid-file=
	dhcp-leasefile=$LAB_DIR/leases
	dhcp-authoritative
	no-ping
	dhcp-range=192.168.77.100,192.168.77.150,10m
	dhcp-option=option:ntp-server,203.0.113.90
	dhcp-range=fd00:77::,ra-only,64,10m
	enable-ra
	log-facility=$LAB_DIR/log/dnsmasq
	log-queries
	log-dhcp
	CONF
	while read -r name port mac address; do
		[ -n "$name" ] && [ "$address" != - ] || continue
		echo "dhcp-host=02:00:00:00:77:$mac,$address,$name"
		echo "host-record=$name.home.example,$address"
	done <<<"$HOME_DEVICES"
	awk 'NF && $1 != "-" { a[$1] = a[$1] "," $2 }
	     END { for (n in a) print "host-record=" n a[n] }' <<<"$HOME_HOSTS"
	awk 'NF { print "cname=" $1 "," $2 }' <<<"$HOME_ALIASES"
}

home_write_nginx()
{
	cat <<-CONF
	daemon off;
	user root;
	worker_processes 1;
	pid $LAB_DIR/nginx.pid;
	error_log $LAB_DIR/log/nginx;
	events { worker_connections 64; }
	http {
		access_log $LAB_DIR/log/nginx-access;
		client_body_temp_path $LAB_DIR/nginx/body;
		proxy_temp_path $LAB_DIR/nginx/proxy;
		fastcgi_temp_path $LAB_DIR/nginx/fastcgi;
		uwsgi_temp_path $LAB_DIR/nginx/uwsgi;
		scgi_temp_path $LAB_DIR/nginx/scgi;
		default_type application/octet-stream;
		server {
			listen 80;
			listen [::]:80;
			listen 443 ssl;
			listen [::]:443 ssl;
			ssl_certificate $LAB_DIR/tls/cert.pem;
			ssl_certificate_key $LAB_DIR/tls/key.pem;
			root $LAB_DIR/www;
			# What the TV tells its maker: any upload is welcome.
			location /collect { return 204; }
		}
	}
	CONF
}

home_write_www()
{
	mkdir -p "$LAB_DIR"/{www,tls,nginx}
	echo 'version 2.14.7' >"$LAB_DIR/www/firmware.txt"
	echo '<h1>News</h1>' >"$LAB_DIR/www/index.html"
	head -c 262144 /dev/zero >"$LAB_DIR/www/film.ts"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
		-days 2 -subj '/CN=ringfence lab' \
		-addext 'subjectAltName=DNS:firmware.camera.example,DNS:stream.tv.example,DNS:*.cdn.example,DNS:*.nas.example,DNS:telemetry.tv.example,DNS:*.ads.tv.example,DNS:www.news.example' \
		-keyout "$LAB_DIR/tls/key.pem" -out "$LAB_DIR/tls/cert.pem" 2>/dev/null
}

# One server for each port: coturn answers on all addresses of the internet.
home_write_turn()
{
	local port=$1 name address

	while read -r name address; do
		case $address in
		198.51.100.6*|2001:db8:0:3:*) echo "listening-ip=$address" ;;
		esac
	done <<<"$HOME_HOSTS"
	cat <<-CONF
	listening-port=$port
	relay-ip=198.51.100.61
	min-port=$((port + 1000))
	max-port=$((port + 1099))
	lt-cred-mech
	user=camera:rendezvous
	realm=rendezvous.example
	no-cli
	no-tls
	no-dtls
	allow-loopback-peers
	cli-password=unused-but-asked-for
	log-file=$LAB_DIR/log/turn-$port
	simple-log
	pidfile=$LAB_DIR/turn-$port.pid
	userdb=$LAB_DIR/turn-$port.db
	CONF
}

# home_start WHERE LOG COMMAND...: in the background, until home_down ends it.
# It must not hold the terminal or the lock of tools/lab open.
home_start()
{
	local where=$1 log=$2
	shift 2
	home_in "$where" setsid "$@" </dev/null >>"$LAB_DIR/log/$log" 2>&1 9>&- &
}

home_servers()
{
	local port

	home_write_dnsmasq >"$LAB_DIR/dnsmasq.conf"
	home_write_www
	home_write_nginx >"$LAB_DIR/nginx.conf"
	printf 'nameserver %s\noptions timeout:1 attempts:2\n' "$HOME_ROUTER" >"$LAB_DIR/resolv.conf"
	printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$LAB_DIR/nsswitch.conf"

	home_start router dnsmasq-start dnsmasq --keep-in-foreground --conf-file="$LAB_DIR/dnsmasq.conf"
	home_start router igd /usr/bin/python3 "$LAB_SRC/igd.py" br-lan "$HOME_ROUTER" "$WAN_ROUTER" "$LAB_DIR/mappings"
	home_start internet nginx-start nginx -p "$LAB_DIR" -e "$LAB_DIR/log/nginx" -c "$LAB_DIR/nginx.conf"
	home_start internet ntp /usr/bin/python3 "$LAB_SRC/ntp.py" 203.0.113.90
	for port in $P2P_PORTS; do
		home_write_turn "$port" >"$LAB_DIR/turn-$port.conf"
		home_start internet "turn-$port-start" turnserver -c "$LAB_DIR/turn-$port.conf"
	done
	home_start camera camera-server /usr/bin/python3 "$LAB_SRC/watch.py" 80 554
	home_start tv tv-server /usr/bin/python3 "$LAB_SRC/watch.py" 8008
	home_start nas nas-server /usr/bin/python3 "$LAB_SRC/watch.py" 80 8200
}

# wait_for SECONDS WHAT COMMAND...
wait_for()
{
	local until=$((SECONDS + $1)) what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		if [ "$SECONDS" -ge "$until" ]; then
			lab_error "no $what; what it said is in $LAB_DIR/log"
			return 1
		fi
		sleep 0.1
	done
}

home_wait_servers()
{
	local port

	wait_for 10 "answer from dnsmasq" \
		home_in router dig +time=1 +tries=1 @"$HOME_ROUTER" time.example || return
	wait_for 10 "answer from nginx" \
		home_in internet curl -sfk -o /dev/null --noproxy '*' https://203.0.113.17/firmware.txt || return
	for port in $P2P_PORTS; do
		wait_for 10 "answer from coturn on port $port" \
			home_in internet timeout 1 turnutils_stunclient -p "$port" 198.51.100.63 || return
	done
	wait_for 10 "answer from the router's UPnP" \
		home_in router curl -sf -o /dev/null --noproxy '*' "http://$HOME_ROUTER:5000/root.xml" || return
	wait_for 10 "answer from the NTP server" \
		home_in internet timeout 2 ntpdig -t 1 203.0.113.90
}

home_up()
{
	mkdir -p "$LAB_DIR/log"
	[ -d /run/netns ] || : >"$LAB_DIR/made-run-netns"
	home_links
	home_internet_addresses
	home_servers
	home_wait_servers
}

home_pids()
{
	local where

	for where in router internet $(home_device_names); do
		[ ! -e "$(home_ns "$where")" ] || ip netns pids "$LAB_NS-$where" 2>/dev/null
	done
}

# Everything that runs in the home's namespaces is ours: nothing else can be there.
home_kill()
{
	local pids signal tries

	for signal in TERM KILL; do
		for tries in 1 2 3 4 5 6 7 8 9 10; do
			pids=$(home_pids)
			[ -n "$pids" ] || return 0
			# shellcheck disable=SC2086 # numbers, one a line
			[ "$tries" -gt 1 ] || kill -"$signal" $pids 2>/dev/null
			sleep 0.1
		done
	done
	lab_error "these processes do not end: $(home_pids | tr '\n' ' ')"
	return 1
}

home_down()
{
	local where

	home_kill
	for where in $(home_device_names) internet router; do
		[ ! -e "$(home_ns "$where")" ] || ip netns del "$LAB_NS-$where"
	done
	# The first namespace of a machine leaves a mount; it is ours only if the
	# directory was not there before.
	if [ -e "$LAB_DIR/made-run-netns" ] && [ -z "$(ls -A /run/netns 2>/dev/null)" ]; then
		umount /run/netns 2>/dev/null
		rmdir /run/netns 2>/dev/null
	fi
	rm -rf "$LAB_DIR"
}
