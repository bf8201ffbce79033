package main

const usage = `postern joins a web server's gate to what answers behind it.

  postern serve --listen ADDR [--listen ADDR ...] --to BACKEND [flags]
  postern demo [--listen HOST:PORT]     every gate at once, one page to look at
  postern version

postern serve -h and postern demo -h say more.
`

const serveUsage = `postern serve --listen ADDR [--listen ADDR ...] --to BACKEND [flags]

  --listen ADDR         where requests come in; repeat it for more than one:
                          auto                       what the process was started with
                          cgi:                       one request on stdio
                          fastcgi://127.0.0.1:9000   fastcgi+unix:///run/app.sock   fastcgi+fd:0
                          scgi://127.0.0.1:4000      scgi+unix:///run/app.sock      scgi+fd:3
                          http://127.0.0.1:8080      http+unix:///run/app.sock      http+fd:3
  --to BACKEND          what answers:
                          demo:                      the demo application
                          cgi:/path/to/program       one CGI program for every request
                          cgi: with --root DIR       the CGI program that the request names
                          fastcgi://127.0.0.1:9000   a FastCGI worker, fastcgi+unix:///run/php.sock
                          scgi://127.0.0.1:4000      an SCGI service, scgi+unix:///run/app.sock
                          http://127.0.0.1:8080      an HTTP server, http+unix:///run/app.sock
                          file:/srv/www              the files below a directory
  --root DIR            with --to cgi: run the program that the web server names by SCRIPT_FILENAME,
                        or DOCUMENT_ROOT and SCRIPT_NAME, if it is below DIR, else the path in DIR;
                        with fastcgi and scgi: tell the worker DIR and the path as SCRIPT_FILENAME
  --allow-program PATH  run nothing but this program of --root, those below this directory, or
                        those that a pattern such as /srv/cgi/*.cgi matches; repeat it for more
  --env NAME[=VALUE]    a variable for CGI programs, with the value of this process if there is
                        none; they get PATH and the variables of the request besides; repeat it
  --pass-authorization  give CGI programs the Authorization field of an HTTP client, too
  --max-processes N     CGI programs that run at a time (100); 0 is no limit
  --max-queue N         requests that wait for one of those to end (1000); more are answered with 503
  --program-timeout T   end a CGI program that reads and writes nothing for so long (1m); 0 is never
  --max-spool SIZE      the largest request body of unknown length for a CGI program, which has to be
                        told the length first, and what is set aside of others (256m); 0 is no bound
  --stderr log|server   where standard error of CGI programs and what is wrong with them go: this
                        log, or the error log of the web server (log)
  --allow WHO           nobody else may connect: an IP address, a network such as 192.0.2.0/24,
                        and on unix sockets user:NAME or group:NAME; repeat it for more. The
                        variable FCGI_WEB_SERVER_ADDRS narrows this for FastCGI
  --max-conns N         connections open at each address, the next ones wait; 0 is no bound (0)
  --max-requests N      requests under way at each address, the next ones get 503 (0)
  --max-body SIZE       the largest request body, such as 8m; a larger one gets 413 (0)
  --log text|json       how log lines are written (text)
  --socket-mode MODE    permission bits of socket files, octal (0660)
  --socket-owner OWNER  user, user:group or :group of socket files
  --validate            check every exchange and log each finding with its request, once for
                        each place: what the web server sends, what the back end answers;
                        --validate=strict asks for more than deployed web servers keep to

SIGTERM, SIGINT and SIGHUP let requests end for 30 seconds, a second one ends them at once.
Exit status: 0 after that, 1 after a failure, 2 for a mistake in the command line.
`

const demoUsage = `postern demo [--listen HOST:PORT]

  --listen HOST:PORT    where the front door is, or an http address (127.0.0.1:8080)
  --log text|json       how log lines are written (text)

Starts the demo application behind each gate and a front door that reaches it over
the real protocol under /cgi/, /fastcgi/, /scgi/ and /http/; / shows them side by side.
Everything is removed at the end (ctrl-c).
`
