package app

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Upload is what /upload answers. Either the hash or the error is set.
type Upload struct {
	BodyLen    int64  `json:"body_len"`
	BodySHA256 string `json:"body_sha256,omitempty"`
	Error      string `json:"error,omitempty"`
}

func upload(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost && r.Method != http.MethodPut {
		w.Header().Set("Allow", "POST, PUT")
		http.Error(w, "POST or PUT only", http.StatusMethodNotAllowed)
		return
	}
	sum := sha256.New()
	n, err := io.Copy(sum, r.Body)
	code, result := http.StatusOK, Upload{BodyLen: n}
	if err != nil {
		code, result.Error = http.StatusBadRequest, err.Error()
	} else {
		result.BodySHA256 = hex.EncodeToString(sum.Sum(nil))
	}
	if path := value(r, "mark"); path != "" {
		if err := markUpload(path, result); err != nil {
			panic(err)
		}
	}
	answerJSON(w, code, result)
}

func markUpload(path string, result Upload) error {
	body, err := json.Marshal(result)
	if err != nil {
		return err
	}
	return Mark(path, body)
}

// readSome reads n bytes, or to the end of a shorter body, and leaves the rest unread.
func readSome(w http.ResponseWriter, r *http.Request) {
	n, err := number(r, "n", 0)
	if err != nil {
		badRequest(w, err)
		return
	}
	read, err := io.CopyN(io.Discard, r.Body, n)
	if err != nil && !errors.Is(err, io.EOF) {
		badRequest(w, err)
		return
	}
	_, _ = fmt.Fprintf(w, "read %d\n", read)
}
