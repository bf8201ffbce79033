package main

import (
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/postern-go/postern/integration/bench/client"
)

// front starts one nginx in front of all servers of a row, and gives each its
// address.
func (s *site) front(r row, servers []*server) (*process, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "daemon off;\nworker_processes 1;\nerror_log %s crit;\npid %s;\n", s.path("nginx.log"), s.path("nginx.pid"))
	if os.Getuid() == 0 {
		b.WriteString("user root;\n")
	}
	b.WriteString("events { worker_connections 4096; }\nhttp {\naccess_log off;\nkeepalive_requests 1000000000;\n")
	for _, name := range []string{"client_body", "proxy", "fastcgi", "scgi", "uwsgi"} {
		fmt.Fprintf(&b, "%s_temp_path %s;\n", name, s.path("nginx-"+name))
	}
	for i, v := range servers {
		if v.direct {
			continue
		}
		v.network, v.addr = "tcp", freeAddress()
		fmt.Fprintf(&b, "upstream p%d { server unix:%s;", i, v.socket)
		if !r.newUpstream {
			b.WriteString(" keepalive 64; keepalive_requests 1000000000;")
		}
		fmt.Fprintf(&b, " }\nserver { listen %s; location / {\n%s} }\n", v.addr, s.pass(r, v, i))
	}
	b.WriteString("}\n")
	if err := s.write("nginx.conf", b.String()); err != nil {
		return nil, err
	}
	p, err := start(s.log, nil, "/usr/sbin/nginx", "-e", s.path("nginx.log"), "-p", s.dir, "-c", s.path("nginx.conf"))
	for _, v := range servers {
		if err == nil && !v.direct {
			err = await(v.network, v.addr, p)
		}
	}
	return p, err
}

// pass returns the directives for one server.
func (s *site) pass(r row, v *server, i int) string {
	switch v.protocol {
	case client.SCGI:
		return fmt.Sprintf("include /etc/nginx/scgi_params; scgi_pass p%d;\n", i)
	case client.HTTP:
		return fmt.Sprintf("proxy_pass http://p%d; proxy_http_version 1.1; proxy_set_header Connection \"\";\n", i)
	}
	text := fmt.Sprintf("include /etc/nginx/fastcgi_params; fastcgi_pass p%d;\n", i)
	if !r.newUpstream {
		text += "fastcgi_keep_conn on;\n"
	}
	if v.script != "" {
		text += "fastcgi_param SCRIPT_FILENAME " + s.path(v.script) + ";\n"
	}
	return text
}

// freeAddress returns a TCP address that was free just now.
func freeAddress() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "127.0.0.1:0"
	}
	defer l.Close()
	return l.Addr().String()
}
