package integration

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/testapp/app"
)

// A row is one thing that the test application must answer through every gate.
type row struct {
	path  string // first segment
	why   string
	check func(t require.TestingT, g gate, o *opened)
}

func rows() []row {
	return slices.Concat(requestRows(), responseRows(), failureRows())
}

func TestContract(t *testing.T) {
	for _, g := range gates() {
		t.Run(g.name, func(t *testing.T) {
			o := g.open(t)
			for _, r := range rows() {
				t.Run(r.path+": "+r.why, func(t *testing.T) { r.hold(t, g, o) })
			}
		})
	}
}

// hold requires what the row says, or the deviation from it.
func (r row) hold(t *testing.T, g gate, o *opened) {
	if d, found := deviationOf(g, r); found {
		d.check(t, g, o, r)
		return
	}
	r.check(t, g, o)
}

func TestContractIsWhole(t *testing.T) {
	var covered []string
	for _, r := range rows() {
		covered = append(covered, r.path)
	}
	for _, path := range app.Paths() {
		require.Contains(t, covered, path, "no row exercises /%s", path)
	}
}
