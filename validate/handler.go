package validate

import (
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Options say what is reported, and to whom. The zero value logs every finding
// at the level Deployed to slog.Default().
type Options struct {
	// Report is called with each finding, by the goroutine that caused it and
	// while that waits; several may call at a time. [ToLog], [ToTest] and
	// [Panic] are such functions. Nil means ToLog(nil).
	Report func(Finding)
	// Level is the level of the rules that are checked: Strict means all.
	Level Level
	// Severity is the least severity that is reported: Warning means all.
	Severity Severity
	// Ignore has the ids of rules that are not reported. One that does not
	// exist makes Handler panic.
	Ignore []string
}

// Handler returns a handler that calls h and checks what the server hands to
// it and what it answers.
func Handler(h http.Handler, o Options) http.Handler {
	return newChecker(h, o)
}

func newChecker(h http.Handler, o Options) *checker {
	c := &checker{handler: h, report: o.Report, level: o.Level, severity: o.Severity}
	if c.report == nil {
		c.report = ToLog(nil)
	}
	for _, id := range o.Ignore {
		c.ignore = append(c.ignore, ruleOf(id))
	}
	return c
}

type checker struct {
	handler  http.Handler
	report   func(Finding)
	level    Level
	severity Severity
	ignore   []*Rule
	places   places
}

func (c *checker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.serve(c.begin(w, r))
}

// serve calls the handler. A panic passes.
func (c *checker) serve(x *exchange) {
	defer x.giveBack()
	defer x.returned.Store(true)
	x.checkServer()
	c.handler.ServeHTTP(x.wrapped(), x.request)
	x.returned.Store(true)
	x.finish()
}

// checks reports whether findings of the rule are wanted.
func (c *checker) checks(rule *Rule) bool {
	return rule.Level <= c.level && rule.Severity >= c.severity && !slices.Contains(c.ignore, rule)
}

const (
	maxPlaces   = 4096 // that are remembered: paths in places come from clients
	maxSubjects = 16   // of a rule in one place: names of fields come from clients
)

type placeKey struct {
	rule           *Rule
	place, subject string
}

// places remembers what has been reported, and where stacks are.
type places struct {
	mu       sync.Mutex
	spots    map[uint64]spot // by the stack
	seen     map[placeKey]struct{}
	subjects map[placeKey]int // of keys without their subject
}

// first reports whether the key is new, and remembers it.
func (p *places) first(key placeKey) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, found := p.seen[key]; found {
		return false
	}
	if p.seen == nil || len(p.seen) >= maxPlaces {
		p.seen, p.subjects = make(map[placeKey]struct{}), make(map[placeKey]int)
	}
	here := placeKey{rule: key.rule, place: key.place}
	if p.subjects[here] >= maxSubjects {
		return false
	}
	p.subjects[here]++
	key.subject = strings.Clone(key.subject) // it may be part of something large
	p.seen[key] = struct{}{}
	return true
}

// spot is where a stack is. To find that out takes longer than all checks.
func (p *places) spot(pcs []uintptr) spot {
	key := uint64(14695981039346656037)
	for _, pc := range pcs {
		key = (key ^ uint64(pc)) * 1099511628211 // FNV-1a
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if s, found := p.spots[key]; found {
		return s
	}
	if p.spots == nil || len(p.spots) >= maxPlaces {
		p.spots = make(map[uint64]spot)
	}
	s := spotOf(slices.Clone(pcs)) // which escapes
	p.spots[key] = s
	return s
}

// clipped bounds what is remembered of a text.
func clipped(s string) string {
	return s[:min(len(s), 128)]
}
