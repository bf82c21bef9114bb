"""What listens, and what clients find by name: listeners, ports, TLS, DNS.

dns.py              a DNS server (UDP and TCP) that answers as Route 53 does for the twin's zones and AWS
lifespan.py         Drives an ASGI application's own start and end (ASGI specification, lifespan protocol)
listener.py         one listening socket with its HTTP server: opened, closed with its connections cut
listeners.py        all HTTP listeners of a twin: bound together, and closed and opened region by region
names.py            which AWS host names belong to the twin, and to which of its regions
outages.py          which regions and ARC endpoints are up, and who is told when that changes
ports.py            where every part of the twin listens
route53_answers.py  what Route 53 answers to a DNS question: pure decisions over a zone's records
tls.py              the twin's own certificate authority
"""
