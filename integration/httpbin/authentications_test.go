package httpbin

import (
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"
)

// authentications are requests for what is guarded.
func authentications() []request {
	basic := "Authorization: Basic dXNlcjpzZWNyZXQ=" // user:secret
	return []request{
		get("a password", "/basic-auth/user/secret", basic),
		get("another password", "/basic-auth/user/other", basic),
		get("a password that is no base64", "/basic-auth/user/secret", "Authorization: Basic !"),
		get("a password where a secret is kept", "/hidden-basic-auth/user/secret", basic),
		get("another password where a secret is kept", "/hidden-basic-auth/user/other", basic),
		get("a token", "/bearer", "Authorization: Bearer abc"),
		get("a password where a token is wanted", "/bearer", basic),
		get("a challenge", "/digest-auth/auth/user/secret").with(respond("secret")),
		get("a challenge and a wrong password", "/digest-auth/auth/user/secret").with(respond("wrong")),
		get("a challenge for a target with a query", "/digest-auth/auth/user/secret/MD5?a=%20b&c").with(respond("secret")),
		get("a challenge for a path with escapes", "/digest-auth/auth/us%65r/secret").with(respond("secret")),
		get("a challenge for another digest", "/digest-auth/auth/user/secret/SHA-256").with(respond("secret")),
		send("a challenge for another method", "POST", "/digest-auth/auth/user/secret", "x").with(respond("secret")),
		get("a protection that there is not", "/digest-auth/auth-int/user/secret"),
		get("a digest that there is not", "/digest-auth/auth/user/secret/SHA-1"),
	}
}

// respond asks again, with the response to the challenge (RFC 7616, section 3.4.1).
func respond(password string) func(*request) {
	return func(r *request) {
		first := *r
		r.then = func(a answer) request {
			next := first
			next.fields = append(next.fields, credentials(first, a.Header.Get("Www-Authenticate"), password))
			return next
		}
	}
}

func credentials(r request, challenge, password string) string {
	digest := func(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(s))) }
	algorithm := "MD5"
	if strings.Contains(challenge, "SHA-256") {
		digest, algorithm = func(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }, "SHA-256"
	}
	nonce := regexp.MustCompile(`nonce=(\w+)`).FindString(challenge)
	nonce = strings.TrimPrefix(nonce, "nonce=")
	response := digest(strings.Join([]string{
		digest("user:go-httpbin:" + password), nonce, "00000001", "abc", "auth", digest(r.method + ":" + r.target),
	}, ":"))
	return fmt.Sprintf(`Authorization: Digest username="user", realm="go-httpbin", nonce="%s", uri="%s", algorithm=%s, qop=auth, `+
		`nc=00000001, cnonce="abc", response="%s"`, nonce, r.target, algorithm, response)
}
