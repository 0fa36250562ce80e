package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// machine is a PATH with links to the commands of this machine, but not to all of them.
type machine struct {
	t   *testing.T
	bin string // the only folder of PATH
	env []string
}

// newMachine returns a machine without some commands and without a cache folder.
func newMachine(t *testing.T, lacks ...string) machine {
	t.Helper()
	bin := t.TempDir()
	for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
		entries, _ := os.ReadDir(folder) // a folder of PATH may be missing
		for _, entry := range entries {
			if slices.Contains(lacks, entry.Name()) {
				continue
			}
			err := os.Symlink(filepath.Join(folder, entry.Name()), filepath.Join(bin, entry.Name()))
			if err != nil && !errors.Is(err, os.ErrExist) {
				t.Fatal(err)
			}
		}
	}
	env := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains([]string{"PATH", "JAVA_HOME", "TF_ACC_TERRAFORM_PATH", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}, name)
	})
	return machine{t, bin, append(env, "PATH="+bin, "XDG_CACHE_HOME="+t.TempDir())}
}

// replace adds a command that runs the shell script.
func (m machine) replace(name, script string) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		m.t.Fatal(err)
	}
}

// run runs a command of the machine in the root of the checkout, and returns its output and whether it succeeded.
func (m machine) run(name string, args ...string) (string, bool) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(m.bin, name), args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = filepath.Join("..", ".."), m.env, time.Second
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

// Each of the tools is named if it is missing, with its packages on each system, before anything else happens.
func TestPrerequisitesNameEachTool(t *testing.T) {
	t.Parallel()
	for command, wants := range map[string][]string{
		"go":      {"Go 1.21 or later", "apt-get install golang-go", "brew install go", "dnf install golang", "https://go.dev/dl"},
		"java":    {"JDK 17 or later", "apt-get install default-jdk-headless", "brew install openjdk@17", "dnf install java-21-openjdk-devel"},
		"mvn":     {"Maven (mvn)", "apt-get install maven", "brew install maven", "dnf install maven"},
		"python3": {"Python 3.8 or later", "apt-get install python3", "brew install python3", "dnf install python3"},
	} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, command)
			for _, target := range []string{"demo", "test"} {
				out, ok := m.run("make", target)
				if ok || strings.Contains(out, "go build") {
					t.Errorf("make %s did not stop:\n%s", target, out)
				}
				for _, want := range wants {
					if !strings.Contains(out, want) {
						t.Errorf("make %s does not name %q:\n%s", target, want, out)
					}
				}
			}
		})
	}
}

// Everything that is missing is named at once, make included.
func TestPrerequisitesNameAllAtOnce(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "make", "go", "java", "mvn", "python3", "terraform")
	out, ok := m.run("sh", "tools/prerequisites.sh")
	want := "sudo apt-get install make golang-go default-jdk-headless maven python3"
	if runtime.GOOS == "linux" && runtime.GOARCH == "amd64" {
		want += " python3-pip\n"
	}
	if ok || !strings.Contains(out, want) {
		t.Errorf("the script does not print %q:\n%s", want, out)
	}
}

func TestPrerequisitesNameOldVersions(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "go", "java")
	m.replace("go", "echo go1.19.8")
	m.replace("java", `echo 'openjdk version "11.0.2" 2019-01-15' >&2`)
	out, ok := m.run("sh", "tools/prerequisites.sh")
	for _, want := range []string{"Go 1.21 or later (found 1.19.8)", "JDK 17 or later (found 11.0.2)"} {
		if ok || !strings.Contains(out, want) {
			t.Errorf("the script does not print %q:\n%s", want, out)
		}
	}
}

// A missing Terraform is fetched if pip is installed. Otherwise it is named.
func TestPrerequisitesOfTerraform(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("there is no Terraform to fetch for this system")
	}
	m := newMachine(t, "terraform")
	if out, ok := m.run("sh", "tools/prerequisites.sh"); !ok {
		t.Errorf("the script failed:\n%s", out)
	}
	m = newMachine(t, "terraform", "python3")
	m.replace("python3", `test "$1" = -c`) // without pip
	out, ok := m.run("sh", "tools/prerequisites.sh")
	if want := "apt-get install python3-pip"; ok || !strings.Contains(out, want) {
		t.Errorf("the script does not print %q:\n%s", want, out)
	}
}
