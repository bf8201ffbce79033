package validate_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/validate"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write RULES.md anew")

func TestRules(t *testing.T) {
	rules := validate.Rules()
	require.GreaterOrEqual(t, len(rules), 60)
	id := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)
	seen := map[string]bool{}
	for i, r := range rules {
		require.Regexp(t, id, r.ID)
		require.False(t, seen[r.ID], "%s is there twice", r.ID)
		seen[r.ID] = true
		require.NotEmpty(t, r.Section, r.ID)
		for _, sentence := range []string{r.Sentence, r.Fix} {
			require.Regexp(t, `^[^a-z ].*\.$`, sentence, r.ID)
		}
		require.True(t, i == 0 || rules[i-1].Side <= r.Side, "%s: the server's side comes first", r.ID)
	}
	rules[0].ID = "changed"
	require.NotEqual(t, "changed", validate.Rules()[0].ID, "the rules are a copy")
}

// tried are the rules that have a row in which they fire.
func tried() []string {
	var ids []string
	for _, r := range variableRows {
		ids = append(ids, r.rule)
	}
	for _, r := range flagRows {
		ids = append(ids, r.rule)
	}
	for _, r := range requestRows {
		ids = append(ids, r.rule)
	}
	for _, r := range slices.Concat(fieldRows, headRows, callRows) {
		ids = append(ids, r.rule)
	}
	for _, r := range lateRows {
		ids = append(ids, r.rule)
	}
	for _, r := range writerRows {
		ids = append(ids, r.rule)
	}
	for _, r := range suiteRows {
		ids = append(ids, r.rule)
	}
	ids = append(ids, meetingRows...)
	slices.Sort(ids)
	return slices.Compact(ids)
}

func TestEveryRuleIsTried(t *testing.T) {
	var all []string
	for _, r := range validate.Rules() {
		all = append(all, r.ID)
	}
	slices.Sort(all)
	require.Equal(t, all, tried())
}

// TestRulesPage keeps RULES.md current; go test ./validate -run RulesPage
// -update writes it.
func TestRulesPage(t *testing.T) {
	page := rulesPage()
	if *update {
		require.NoError(t, os.WriteFile("RULES.md", []byte(page), 0o644))
	}
	have, err := os.ReadFile("RULES.md")
	require.NoError(t, err)
	require.Equal(t, page, string(have), "go test ./validate -run RulesPage -update")
}

func rulesPage() string {
	var b strings.Builder
	rules := validate.Rules()
	fmt.Fprintf(&b, "# The rules of package validate\n\n"+
		"Generated from `validate.Rules()`: %d rules. *Deployed* rules hold for servers and handlers in use;\n"+
		"*strict* ones are checked with `Level: validate.Strict` only, since servers in wide use, or handlers as\n"+
		"they are usually written, break them without harm.\n", len(rules))
	for _, part := range []struct {
		side  validate.Side
		title string
	}{
		{validate.Server, "What servers and gateways break"},
		{validate.Application, "What handlers break"},
	} {
		fmt.Fprintf(&b, "\n## %s\n\n| rule | severity | level | section | what is wrong | what to do |\n|---|---|---|---|---|---|\n", part.title)
		for _, r := range rules {
			if r.Side == part.side {
				fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", r.ID, r.Severity, r.Level, cell(r.Section), cell(r.Sentence), cell(r.Fix))
			}
		}
	}
	return b.String()
}

func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`, "_", `\_`, "<", "&lt;").Replace(s)
}
