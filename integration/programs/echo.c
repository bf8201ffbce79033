#include <stdio.h>
#include <stdlib.h>

static const char *variable(const char *name) {
	const char *value = getenv(name);
	return value ? value : "";
}

int main(void) {
	long left = atol(variable("CONTENT_LENGTH"));
	int c, chunked = *variable("HTTP_TRANSFER_ENCODING") && !left;
	printf("Status: 201 Created\r\nContent-Type: text/plain\r\nX-Language: C\r\n\r\n");
	printf("%s %s %s\n", variable("REQUEST_METHOD"), variable("PATH_INFO"), variable("QUERY_STRING"));
	while ((chunked || left-- > 0) && (c = getchar()) != EOF)
		putchar(c);
	return 0;
}
