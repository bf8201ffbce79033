package app

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/gateway"
)

// Echo is what /echo answers: the request as the handler got it.
type Echo struct {
	Method     string              `json:"method"`
	URI        string              `json:"uri"`   // RequestURI
	Path       string              `json:"path"`  // decoded, within the application
	Query      string              `json:"query"` // raw
	Headers    map[string][]string `json:"headers"`
	RemoteAddr string              `json:"remote_addr"`
	Host       string              `json:"host"`
	Scheme     string              `json:"scheme"`  // "http" or "https"
	Environ    map[string]string   `json:"environ"` // the CGI variables; bytes that are not UTF-8 become U+FFFD
	BodySHA256 string              `json:"body_sha256"`
	BodyLen    int64               `json:"body_len"`
	Flags      Flags               `json:"flags"`
}

// Flags is what the handler can ask about its gate.
type Flags struct {
	Multithread  bool   `json:"multithread"`
	Multiprocess bool   `json:"multiprocess"`
	RunOnce      bool   `json:"run_once"`
	Gateway      string `json:"gateway"` // "cgi", "fastcgi", "scgi" or "http"
	HTTPProxyEnv bool   `json:"http_proxy_env"`
	Role         string `json:"role,omitempty"`     // FastCGI only
	DataLen      int64  `json:"data_len,omitempty"` // the file of a Filter
	DataSHA256   string `json:"data_sha256,omitempty"`
}

func echo(w http.ResponseWriter, r *http.Request) {
	sum := sha256.New()
	n, err := io.Copy(sum, r.Body)
	if err != nil {
		badRequest(w, err)
		return
	}
	flags, err := flags(r)
	if err != nil {
		badRequest(w, err)
		return
	}
	answerJSON(w, http.StatusOK, Echo{
		Method:     r.Method,
		URI:        r.RequestURI,
		Path:       r.URL.Path,
		Query:      r.URL.RawQuery,
		Headers:    r.Header,
		RemoteAddr: r.RemoteAddr,
		Host:       r.Host,
		Scheme:     scheme(r),
		Environ:    environ(r),
		BodySHA256: hex.EncodeToString(sum.Sum(nil)),
		BodyLen:    n,
		Flags:      flags,
	})
}

func scheme(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

func environ(r *http.Request) map[string]string {
	all := map[string]string{}
	for name, value := range gateway.Vars(r).All() {
		all[name] = value
	}
	return all
}

func flags(r *http.Request) (Flags, error) {
	f := gateway.FlagsOf(r)
	all := Flags{
		Multithread:  f.Multithread,
		Multiprocess: f.Multiprocess,
		RunOnce:      f.RunOnce,
		Gateway:      f.Protocol,
		HTTPProxyEnv: os.Getenv("HTTP_PROXY") != "",
		Role:         f.Role,
	}
	file, found := fastcgi.Data(r)
	if !found {
		return all, nil
	}
	sum := sha256.New()
	var err error
	all.DataLen, err = io.Copy(sum, file)
	all.DataSHA256 = hex.EncodeToString(sum.Sum(nil))
	return all, err
}

func answerJSON(w http.ResponseWriter, code int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // only types of this package come here
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(append(body, '\n')) // a client that is gone gets nothing
}
