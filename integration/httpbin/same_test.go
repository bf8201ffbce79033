package httpbin

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func requests() []request {
	return slices.Concat(sampled(), bodies(), answers(), authentications(), redirections(), ranges(), streams(), tunnels())
}

// TestSame asks every front end what it asks net/http.Server.
func TestSame(t *testing.T) {
	reference, routes := askReference(t)
	for pattern := range samples() {
		require.True(t, routes[pattern], "no request takes the route %q", pattern)
	}
	for _, f := range fronts() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			address := f.start(t, httpbin())
			needed := map[string]bool{}
			for i, r := range requests() {
				compare(t, f.name, r, reference[i], settleAll(r, ask(t, address, r), nil), needed)
			}
			for _, d := range deviations() {
				if d.applies(f.name) && !d.sometimes && !needed[d.what] {
					t.Errorf("%s is never seen; take the row out: %s", d.what, d.reason)
				}
			}
		})
	}
}

// TestKept wants the same answers from the origin server when it gets the requests one after the other over as few connections as it allows.
func TestKept(t *testing.T) {
	reference, _ := askReference(t)
	c := &client{address: startOrigin(t, httpbin())}
	defer c.close()
	for i, r := range requests() {
		got := settleAll(r, []answer{c.exchange(t, r)}, nil)
		compare(t, "origin", r, reference[i][:1], got, map[string]bool{})
	}
}

// askReference returns what net/http.Server answers to each request, settled, and the routes that the requests took.
func askReference(t *testing.T) ([][]answer, map[string]bool) {
	routes := observe(handler())
	address := startNetHTTP(t, routes)
	matched := map[string]bool{}
	var reference [][]answer
	for _, r := range requests() {
		reference = append(reference, settleAll(r, ask(t, address, r), matched))
	}
	for _, v := range volatiles() {
		require.True(t, matched[v.what], "%s is never seen; take the row out", v.what)
	}
	return reference, routes.all()
}

func settleAll(r request, list []answer, matched map[string]bool) []answer {
	var settled []answer
	for _, a := range list {
		settled = append(settled, a.settled(r, func(what string) {
			if matched != nil {
				matched[what] = true
			}
		}))
	}
	return settled
}

// compare turns the reference into what the front can carry, and wants that.
func compare(t *testing.T, front string, r request, reference, got []answer, needed map[string]bool) {
	t.Helper()
	require.Len(t, got, len(reference), "%s", r)
	for i := range reference {
		want := reference[i].clone()
		for _, d := range deviations() {
			if d.applies(front) && d.level(r, &want, got[i]) {
				needed[d.what] = true
			}
		}
		if d := difference(want, got[i]); d != "" {
			t.Errorf("%s, answer %d\n%s", r, i, d)
		}
	}
}
