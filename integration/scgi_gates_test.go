package integration

// scgiGates are the web servers that speak SCGI to the test application.
func scgiGates() []gate {
	return []gate{
		{"nginx, SCGI on a unix socket", "scgi", throughNginx("nginx-scgi.conf", "scgi", "unix")},
		{"nginx, SCGI on TCP", "scgi", throughNginx("nginx-scgi.conf", "scgi", "tcp")},
		{"Apache, SCGI on a unix socket", "scgi", through(apacheSCGI(), "apache-scgi.conf", "scgi", "unix")},
		{"Apache, SCGI on TCP", "scgi", through(apacheSCGI(), "apache-scgi.conf", "scgi", "tcp")},
		{"lighttpd, SCGI on a unix socket", "scgi", through(lighttpd, "lighttpd-scgi.conf", "scgi", "unix")},
		{"lighttpd, SCGI on TCP", "scgi", through(lighttpd, "lighttpd-scgi.conf", "scgi", "tcp")},
	}
}

// apacheSCGI names its worker in SCGI.
func apacheSCGI() brand {
	b := apache
	b.worker = func(w *worker) replace {
		if w.network == "unix" {
			return replace{shownSocket, "unix:" + w.address}
		}
		return replace{shownSocket + "|scgi://app", "scgi://" + w.address}
	}
	return b
}
