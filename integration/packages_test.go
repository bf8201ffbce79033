package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPackages runs packages.sh on a made-up system: a root directory of its own, and commands that only take notes.
func TestPackages(t *testing.T) {
	const theirs = "#!/bin/sh\nexit 104\n"
	for _, row := range []struct {
		why       string
		installed bool
		root      bool
		policy    string // before; "" is none
		aptFails  bool
		calls     string // in order
		status    int
		says      string
	}{
		{"nothing is done when nothing is missing", true, false, theirs, false, "", 0, ""},
		{"who may not install is told the command", false, false, theirs, false, "", 1, "sudo ./packages.sh"},
		{"packages install while services are held back, and stay disabled", false, true, "", false, "update install(101) disable-probe", 0, "disabling probe"},
		{"a policy of the system is put back", false, true, theirs, false, "update install(101) disable-probe", 0, "installing"},
		{"a policy of the system is put back after a failure", false, true, theirs, true, "update install(101) disable-probe", 100, "installing"},
		{"no policy is left after a failure", false, true, "", true, "update install(101) disable-probe", 100, "installing"},
	} {
		t.Run(row.why, func(t *testing.T) {
			s := makeSystem(t)
			s.set(t, "installed", row.installed)
			s.set(t, "root-user", row.root)
			s.set(t, "apt-fails", row.aptFails)
			s.writePolicy(t, row.policy)
			output, status := s.run(t)
			require.Equal(t, row.status, status, "%s", output)
			require.Contains(t, output, row.says)
			require.Equal(t, row.calls, strings.Join(strings.Fields(s.read(t, "calls")), " "))
			require.Equal(t, row.policy, s.policy(t))
		})
	}
}

func TestPackagesAfterAKilledRun(t *testing.T) {
	s := makeSystem(t)
	s.set(t, "root-user", true)
	s.writePolicy(t, "#!/bin/sh\n# postern: packages install without starting services\nexit 101\n")
	require.NoError(t, os.WriteFile(s.policyPath()+".before-postern", []byte("theirs\n"), 0o755))
	output, status := s.run(t)
	require.Zero(t, status, "%s", output)
	require.Equal(t, "theirs\n", s.policy(t), "what the killed run had put aside is back")
	require.NoFileExists(t, s.policyPath()+".before-postern")
}

func TestPackagesOfAnotherList(t *testing.T) {
	s := makeSystem(t)
	list := filepath.Join(s.dir, "list")
	require.NoError(t, os.WriteFile(list, []byte("# why\none # more\n\ntwo\n"), 0o644))
	output, status := s.run(t, list)
	require.Equal(t, 1, status)
	require.Contains(t, output, "missing packages: one two\n")
	require.Contains(t, output, "sudo ./packages.sh "+list+"\n")
}

// A system is a directory that packages.sh takes for a Debian system.
type system struct{ dir string }

func makeSystem(t *testing.T) system {
	t.Helper()
	s := system{t.TempDir()}
	for _, dir := range []string{"bin", "usr/sbin", "run/lock", "etc/systemd/system/multi-user.target.wants"} {
		require.NoError(t, os.MkdirAll(filepath.Join(s.dir, dir), 0o755))
	}
	for name, script := range map[string]string{
		"dpkg-query": `[ -e "$DPKG_ROOT/installed" ] && printf installed`,
		"id":         `[ -e "$DPKG_ROOT/root-user" ] && echo 0 || echo 1000`,
		"systemctl":  `for name; do :; done; echo "disable-$name" >>"$DPKG_ROOT/calls"`,
		"apt-get": `case "$*" in
*update*) echo update >>"$DPKG_ROOT/calls" ;;
*install*)
	"$DPKG_ROOT/usr/sbin/policy-rc.d"; echo "install($?)" >>"$DPKG_ROOT/calls"
	ln -s /nowhere "$DPKG_ROOT/etc/systemd/system/multi-user.target.wants/probe.service"
	[ -e "$DPKG_ROOT/apt-fails" ] && exit 100
	touch "$DPKG_ROOT/installed" ;;
esac`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(s.dir, "bin", name), []byte("#!/bin/bash\n"+script+"\n"), 0o755))
	}
	return s
}

func (s system) set(t *testing.T, name string, present bool) {
	t.Helper()
	if present {
		require.NoError(t, os.WriteFile(filepath.Join(s.dir, name), nil, 0o644))
	}
}

func (s system) policyPath() string { return filepath.Join(s.dir, "usr/sbin/policy-rc.d") }

func (s system) writePolicy(t *testing.T, content string) {
	t.Helper()
	if content != "" {
		require.NoError(t, os.WriteFile(s.policyPath(), []byte(content), 0o755))
	}
}

func (s system) policy(t *testing.T) string { return s.read(t, "usr/sbin/policy-rc.d") }

// read returns "" for a file that is not there.
func (s system) read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(s.dir, name))
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	return string(content)
}

func (s system) run(t *testing.T, args ...string) (output string, status int) {
	t.Helper()
	cmd := exec.Command("./packages.sh", args...)
	cmd.Env = []string{"PATH=" + filepath.Join(s.dir, "bin") + ":/usr/bin:/bin", "DPKG_ROOT=" + s.dir}
	text, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		require.NoError(t, err)
	}
	return string(text), cmd.ProcessState.ExitCode()
}
