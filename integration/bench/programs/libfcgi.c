/* A FastCGI worker with libfcgi: libfcgi SOCKET THREADS, each thread with a connection of its own. */
#include <fcgiapp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static char page[1 << 20];
static int listener;

static void sized(FCGX_Request *r, int n)
{
	FCGX_FPrintF(r->out, "Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n", n);
	FCGX_PutStr(page, n, r->out);
}

static void answer(FCGX_Request *r)
{
	char buf[8192];
	const char *path = FCGX_GetParam("SCRIPT_NAME", r->envp);

	if (path != NULL && strcmp(path, "/16k") == 0) {
		sized(r, 16 << 10);
		return;
	}
	if (path != NULL && strcmp(path, "/1m") == 0) {
		sized(r, 1 << 20);
		return;
	}
	if (path != NULL && strcmp(path, "/upload") == 0)
		while (FCGX_GetStr(buf, sizeof buf, r->in) > 0)
			;
	FCGX_PutS("Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, World!", r->out);
}

static void *serve(void *unused)
{
	FCGX_Request r;

	if (FCGX_InitRequest(&r, listener, 0) != 0)
		exit(1);
	while (FCGX_Accept_r(&r) == 0) {
		answer(&r);
		FCGX_Finish_r(&r);
	}
	return unused;
}

int main(int argc, char **argv)
{
	struct rlimit files = {20000, 20000};
	pthread_attr_t attr;
	pthread_t t;
	int i, n;

	if (argc != 3)
		return 2;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	memset(page, 'x', sizeof page);
	n = atoi(argv[2]);
	if (FCGX_Init() != 0 || (listener = FCGX_OpenSocket(argv[1], 4096)) < 0)
		return 1;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 128 << 10);
	for (i = 1; i < n; i++)
		if (pthread_create(&t, &attr, serve, NULL) != 0)
			return 1;
	puts("ready");
	fflush(stdout);
	serve(NULL);
	return 0;
}
