package validate

import (
	"fmt"
	"slices"
)

// A Side is who breaks a rule.
type Side uint8

const (
	// Server is whatever calls the handler: net/http.Server, a gateway, or the
	// web server behind it.
	Server Side = iota
	// Application is the handler that was called.
	Application
)

func (s Side) String() string {
	if s == Server {
		return "server"
	}
	return "application"
}

// A Severity says how bad it is to break a rule.
type Severity uint8

const (
	// Warning: it is allowed, and seldom what was meant.
	Warning Severity = iota
	// Error: a specification or a contract forbids it.
	Error
)

func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// A Level says who keeps a rule.
type Level uint8

const (
	// Deployed rules hold for the servers and handlers in use: who breaks one
	// has a defect that shows.
	Deployed Level = iota
	// Strict rules are in the specifications, and web servers in wide use, or
	// handlers as they are usually written, break them without harm.
	Strict
)

func (l Level) String() string {
	if l == Deployed {
		return "deployed"
	}
	return "strict"
}

// A Rule is one thing to hold to.
type Rule struct {
	ID       string // stable, in lower case with hyphens
	Side     Side
	Severity Severity
	Level    Level
	Section  string // the specification, or the documentation of the interface
	Sentence string // what is wrong
	Fix      string // what to do
}

var rules = slices.Concat(variableRules, gatewayRules, requestRules, messageRules, fieldRules, headRules, exchangeRules)

// Rules returns every rule that is checked: those of the server first.
func Rules() []Rule {
	return slices.Clone(rules)
}

var ruleByID = func() map[string]*Rule {
	byID := make(map[string]*Rule, len(rules))
	for i := range rules {
		byID[rules[i].ID] = &rules[i]
	}
	return byID
}()

// ruleOf panics on an id that is none.
func ruleOf(id string) *Rule {
	rule := ruleByID[id]
	if rule == nil {
		panic(fmt.Sprintf("validate: no rule %q", id))
	}
	return rule
}
