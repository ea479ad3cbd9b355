#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""igd.py INTERFACE ADDRESS EXTERNAL_ADDRESS LOG: the router's UPnP Internet Gateway Device.

Answers SSDP searches and grants every port mapping that it is asked for, as
many routers do; LOG gets a line for each. It maps nothing: what the lab shows is
whether a device gets as far as asking. miniupnpd cannot stand in: it maps no
ports when its external address is of a reserved prefix, and here all are.
"""

import http.server
import re
import socket
import socketserver
import struct
import sys
import threading

HTTP_PORT = 5000
GROUP = "239.255.255.250"
SERVICE = "urn:schemas-upnp-org:service:WANIPConnection:1"
WANTED = (
    "ssdp:all",
    "upnp:rootdevice",
    "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
    SERVICE,
    "urn:schemas-upnp-org:service:WANPPPConnection:1",
)
BODY_MAX = 8192

DESCRIPTION = """<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major><minor>0</minor></specVersion>
<device><deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType>
<friendlyName>router</friendlyName><UDN>uuid:77000000-0000-0000-0000-000000000001</UDN>
<deviceList><device><deviceType>urn:schemas-upnp-org:device:WANDevice:1</deviceType>
<UDN>uuid:77000000-0000-0000-0000-000000000002</UDN>
<serviceList><service><serviceType>urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1</serviceType>
<serviceId>urn:upnp-org:serviceId:WANCommonIFC1</serviceId>
<controlURL>/ctl</controlURL><eventSubURL>/evt</eventSubURL><SCPDURL>/scpd.xml</SCPDURL></service></serviceList>
<deviceList><device><deviceType>urn:schemas-upnp-org:device:WANConnectionDevice:1</deviceType>
<UDN>uuid:77000000-0000-0000-0000-000000000003</UDN>
<serviceList><service><serviceType>%s</serviceType><serviceId>urn:upnp-org:serviceId:WANIPConn1</serviceId>
<controlURL>/ctl</controlURL><eventSubURL>/evt</eventSubURL><SCPDURL>/scpd.xml</SCPDURL></service></serviceList>
</device></deviceList></device></deviceList></device></root>
""" % SERVICE


def soap(action, fields, service):
    inner = "".join("<%s>%s</%s>" % (k, v, k) for k, v in fields.items())
    return (
        '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        '<u:%sResponse xmlns:u="%s">%s</u:%sResponse></s:Body></s:Envelope>' % (action, service, inner, action)
    )


def field(body, name):
    found = re.search("<%s[^>]*>([A-Za-z0-9.:-]*)</%s>" % (name, name), body)
    return found.group(1) if found else "?"


class Gateway(http.server.BaseHTTPRequestHandler):
    external = ""
    log_path = ""

    def reply(self, text, status=200):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.reply(DESCRIPTION if self.path == "/root.xml" else "<scpd/>")

    def do_POST(self):
        length = min(int(self.headers.get("Content-Length", "0")), BODY_MAX)
        body = self.rfile.read(length).decode("utf-8", "replace")
        service, _, action = self.headers.get("SOAPAction", "").strip('"').partition("#")
        fields = {}
        if action == "GetExternalIPAddress":
            fields = {"NewExternalIPAddress": self.external}
        elif action == "GetStatusInfo":
            fields = {"NewConnectionStatus": "Connected", "NewLastConnectionError": "ERROR_NONE", "NewUptime": 100}
        elif action == "GetConnectionTypeInfo":
            fields = {"NewConnectionType": "IP_Routed", "NewPossibleConnectionTypes": "IP_Routed"}
        elif action == "GetSpecificPortMappingEntry":
            fields = {"NewInternalPort": field(body, "NewExternalPort"), "NewInternalClient": self.client_address[0]}
        elif action == "AddPortMapping":
            self.note(body)
        self.reply(soap(action, fields, service))

    def note(self, body):
        with open(self.log_path, "a", encoding="ascii") as log:
            log.write(
                "%s asked for port %s/%s\n"
                % (self.client_address[0], field(body, "NewExternalPort"), field(body, "NewProtocol"))
            )

    def log_message(self, *args):
        pass


class Server(socketserver.ThreadingTCPServer):
    """Not http.server's: that one asks DNS for the name of the machine first."""

    allow_reuse_address = True
    daemon_threads = True


def answer_searches(interface, address):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("", 1900))
    member = struct.pack("4s4si", socket.inet_aton(GROUP), socket.inet_aton(address), socket.if_nametoindex(interface))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    while True:
        data, peer = sock.recvfrom(2048)
        text = data.decode("ascii", "replace")
        target = re.search(r"(?im)^st:\s*(\S+)", text)
        if not text.startswith("M-SEARCH") or not target or target.group(1) not in WANTED:
            continue
        reply = (
            "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nEXT:\r\nST: %s\r\n"
            "USN: uuid:77000000-0000-0000-0000-000000000001::%s\r\n"
            "SERVER: lab UPnP/1.1\r\nLOCATION: http://%s:%d/root.xml\r\n\r\n"
        ) % (target.group(1), target.group(1), address, HTTP_PORT)
        sock.sendto(reply.encode(), peer)


def main():
    interface, address, external, log_path = sys.argv[1:5]
    Gateway.external, Gateway.log_path = external, log_path
    threading.Thread(target=answer_searches, args=(interface, address), daemon=True).start()
    Server((address, HTTP_PORT), Gateway).serve_forever()


if __name__ == "__main__":
    main()
